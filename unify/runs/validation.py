"""The best weights of a fine-tuning, chosen on clips of no test set."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from torch.utils.tensorboard import SummaryWriter

from unify.attempts import ClaimLost
from unify.data.example import Example
from unify.data.readable import readable
from unify.evaluation.encoding import Count
from unify.evaluation.retrieval import metric_rows
from unify.evaluation.retriever import of_model
from unify.files import read_json, write_json
from unify.interruption import Interrupted
from unify.records import RunDirectory
from unify.runs.progress import Progress
from unify.systems.weights import write_weights
from unify.training.distributed import rank
from unify.training.unify_task import UnifyTask
from unify.training.watch import Watch

METRIC = "R@1"


class Validation:
    """Validates a training now and then, and keeps the weights with the highest text-to-video R@1
    of its last representation (fused, where it has both branches); of equal ones the last.

    All scores are in `validation.json`, the weights in `checkpoints/best.safetensors`. A resumed
    training finds both, and validates what is not there yet.
    """

    def __init__(
        self, directory: RunDirectory, task: UnifyTask, clips: Sequence[Example], watch: Watch
    ) -> None:
        """`clips` have one caption each."""
        self._directory = directory
        self._task = task
        self._clips = clips
        self._watch = watch
        config = task.config.validation
        self._every = config.every_epochs * task.plan.epoch_steps
        place = config.place or f"{next(iter(task.stream.corpora))}, held out of training"
        new = {"place": place, "listed": len(clips), "scores": {}, "best": None}
        self.record: dict[str, Any] = read_json(directory.validation_path) or new

    def begin(self) -> None:
        """Leave out clips that cannot be decoded; validate the start, for comparison: it is not
        among what is chosen from. Raises Interrupted in all processes."""
        self._watch.first(self._begin)

    def after_step(self, done: int) -> None:
        """Validate where it is due; left undone where the process is told to stop."""
        due = done % self._every == 0 or done == self._task.steps
        if due and rank() == 0:
            with suppress(Interrupted, ClaimLost):
                self._validate(done)
            self._task.begin_stage(self._task.plan.stage(done))

    def _begin(self) -> None:
        self._clips, _ = readable(self._clips, "validation")
        self.record["clips"] = len(self._clips)
        self._validate(0)

    def _validate(self, done: int) -> None:
        directory, record = self._directory, self.record
        if str(done) in record["scores"]:
            return
        score = self._score()
        record["scores"][str(done)] = score
        best = record["best"]
        if done and (best is None or score >= record["scores"][str(best)]):
            directory.checkpoints.mkdir(exist_ok=True)
            write_weights(self._task.objective.model.state_dict(), directory.best_path)
            record["best"] = done
        write_json(directory.validation_path, record)
        with SummaryWriter(directory.tensorboard) as writer:
            writer.add_scalar(f"validation/{METRIC}", score, done)

    def _score(self) -> float:
        model, task = self._task.objective.model, self._task
        count = Count(2 * len(self._clips), Progress(self._directory, "validation", self._watch))
        retriever = replace(of_model(model, task.config, task.device), encoded=count)
        encoded = retriever.encode(self._clips)
        rows = metric_rows(encoded, retriever.evaluation.lexicon_share)
        return [r for r in rows if (r["direction"], r["metric"]) == ("t2v", METRIC)][-1]["value"]
