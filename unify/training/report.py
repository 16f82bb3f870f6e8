"""What a training says on its way: metrics.jsonl, TensorBoard, progress.json."""

import time

from torch import Tensor
from torch.utils.tensorboard import SummaryWriter

from unify.records import RunDirectory
from unify.training.distributed import rank
from unify.training.task import Task

PROGRESS_SECONDS = 0.5
"""Between two words on progress."""
SIDES = ("video", "text")


class Reporter:
    """Writes from the first process only."""

    def __init__(self, directory: RunDirectory, task: Task, log_every: int, start: int) -> None:
        self.directory = directory
        self.task = task
        self.log_every = log_every
        self.started = self.last = time.monotonic()
        self.start = start
        self.writer = None
        if rank() == 0:
            directory.truncate_log(start - 1)
            self.writer = SummaryWriter(directory.tensorboard, purge_step=start)

    def step(self, step: int, report: dict[str, Tensor], rate: float) -> None:
        """Record a step that is done; a row every `log_every` steps and for the last one."""
        if rank() != 0:
            return
        done = step + 1
        if done % self.log_every == 0 or done == self.task.steps:
            values = {name: float(value) for name, value in report.items()}
            self._row(step, values | {"learning_rate": rate})
        if time.monotonic() - self.last > PROGRESS_SECONDS:
            self.last = time.monotonic()
            speed = (done - self.start) / (self.last - self.started)
            self.directory.progress(
                done,
                self.task.steps,
                self.task.phase(step),
                loss=float(report["loss"]),
                steps_per_second=speed,
            )

    def close(self) -> None:
        """Flush TensorBoard's file."""
        if self.writer is not None:
            self.writer.close()

    def _row(self, step: int, values: dict[str, float]) -> None:
        self.directory.log(step, values)
        for name, value in values.items():
            self.writer.add_scalar(f"training/{name}", value, step)


def show_evaluation(directory: RunDirectory, step: int, found: dict) -> None:
    """Put retrieval metrics, lexicon activity and the samples' strongest words on TensorBoard."""
    with SummaryWriter(directory.tensorboard) as writer:
        for row in found["metrics"]:
            place = f"{row['corpus']}/{row['split']}/{row['direction']}"
            writer.add_scalar(
                f"{place}/{row['representation']}/{row['metric']}", row["value"], step
            )
        for place, lexicon in found["lexicon"].items():
            for example in lexicon["examples"]:
                writer.add_text(f"{place}/{example['key']}", _words(example), step)


def _words(example: dict) -> str:
    sides = {side: ", ".join(word for word, _ in example[f"{side}_words"]) for side in SIDES}
    return "\n\n".join([example["caption"], *(f"{side}: {said}" for side, said in sides.items())])
