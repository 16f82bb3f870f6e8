"""What a training says on its way: metrics.jsonl, TensorBoard, progress.json."""

import logging
import time
from collections.abc import Iterator, Mapping

from torch import Tensor

from unify.files import naming
from unify.records import RunDirectory
from unify.training.curves import open_curves, sync_curves
from unify.training.distributed import rank
from unify.training.task import Task

logger = logging.getLogger(__name__)

PROGRESS_SECONDS = 0.5
"""Between two words on progress."""
SIDES = ("video", "text")
TRAINING, VALIDATION = "training/", "validation/"
"""How the tags of a training's curves begin; those of an evaluation with the test set."""


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
            directory.metrics_log.truncate(start - 1)
            if start >= log_every and not directory.metrics_log.rows():
                logger.warning("%s has lost its rows", directory.metrics_log.path)
            self.writer = open_curves(directory.tensorboard, self._is_done, self._logged())

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

    def scores(self, done: int, scores: Mapping[str, float]) -> None:
        """Show what the weights after so many steps score on validation clips."""
        with naming(self.directory.tensorboard):
            for name, score in scores.items():
                self.writer.add_scalar(VALIDATION + name, score, done)

    def sync(self) -> None:
        """Let all that was said so far outlast this process: a checkpoint goes on from here."""
        if self.writer is not None:
            sync_curves(self.writer)
            self.directory.metrics_log.sync()

    def close(self) -> None:
        """Flush TensorBoard's file."""
        if self.writer is not None:
            with naming(self.directory.tensorboard):
                self.writer.close()

    def _is_done(self, tag: str, step: int) -> bool:
        """Whether a value of an earlier life stays; what comes after the checkpoint comes again."""
        return _is_curve(tag) and step < self.start

    def _logged(self) -> Iterator[tuple[str, int, float]]:
        """What the log has, for curves that are lost."""
        for row in self.directory.metrics_log.rows():
            values = ((name, value) for name, value in row.items() if name != "step")
            yield from ((TRAINING + name, row["step"], value) for name, value in values)

    def _row(self, step: int, values: dict[str, float]) -> None:
        self.directory.metrics_log.append(step, values)
        with naming(self.directory.tensorboard):
            for name, value in values.items():
                self.writer.add_scalar(TRAINING + name, value, step)


def show_evaluation(directory: RunDirectory, step: int, found: dict) -> None:
    """Put retrieval metrics, lexicon activity and the samples' strongest words on TensorBoard."""
    folder = directory.tensorboard
    with naming(folder), open_curves(folder, lambda tag, _: _is_curve(tag)) as writer:
        for row in found["metrics"]:
            place = f"{row['corpus']}/{row['split']}/{row['direction']}"
            writer.add_scalar(
                f"{place}/{row['representation']}/{row['metric']}", row["value"], step
            )
        for place, lexicon in found["lexicon"].items():
            for example in lexicon["examples"]:
                writer.add_text(f"{place}/{example['key']}", _words(example), step)


def _is_curve(tag: str) -> bool:
    return tag.startswith((TRAINING, VALIDATION))


def _words(example: dict) -> str:
    sides = {side: ", ".join(word for word, _ in example[f"{side}_words"]) for side in SIDES}
    return "\n\n".join([example["caption"], *(f"{side}: {said}" for side, said in sides.items())])
