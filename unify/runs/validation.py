"""The best weights of a fine-tuning, chosen on clips of no test set."""

import shutil
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from torch import Tensor

from unify.attempts import ClaimLost
from unify.checksum import Checksum
from unify.damage import fields_problem
from unify.data.example import Example
from unify.data.readable import readable
from unify.evaluation.encoding import Count
from unify.evaluation.retrieval import metric_rows
from unify.evaluation.retriever import of_model
from unify.files import read_json, write_json
from unify.interruption import Interrupted
from unify.records import RunDirectory
from unify.runs.progress import Progress
from unify.systems.weights import read_weights, write_weights
from unify.training.checkpoint_record import record_damage, whole_checkpoints
from unify.training.distributed import rank
from unify.training.loop import Scores
from unify.training.unify_task import UnifyTask
from unify.training.watch import Watch

METRIC = "R@1"
RECORD = {"place": str, "listed": int, "scores": dict, "best": int | None}
"""What `validation.json` says."""


class Validation:
    """Validates a training now and then, and keeps the weights with the highest text-to-video R@1
    of its last representation (fused, where it has both branches); of equal ones the last.

    All scores are in `validation.json`, the weights in `checkpoints/best-<step>.safetensors`. A
    resumed training finds both, and validates what is not there yet.
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
        self._new = {"place": place, "listed": len(clips), "scores": {}, "best": None}
        self.record = self._found() or self._new

    def verify(self) -> None:
        """Begin the training anew where what it found so far is lost: no checkpoint has it.

        Raises OtherFormat where another version of this project began it.
        """
        for checkpoint in whole_checkpoints(self._directory.checkpoints):
            record_damage(checkpoint)
        if problem := self._problem():
            self._watch.tell(f"{problem}; the training begins anew")
            self._directory.validation_path.unlink(missing_ok=True)
            shutil.rmtree(self._directory.checkpoints, ignore_errors=True)
            self.record = self._new

    def best_weights(self) -> dict[str, Tensor]:
        """Of those that were validated the best."""
        return read_weights(self._path(self.record["best"]))[0]

    def begin(self) -> None:
        """Leave out clips that cannot be decoded; validate the start, for comparison: it is not
        among what is chosen from. Raises Interrupted in all processes."""
        self._watch.first(self._begin)

    def after_step(self, done: int) -> Scores:
        """Validate where it is due; left undone where the process is told to stop.

        Returns the score of the weights in rank 0, if they have one.
        """
        due = done % self._every == 0 or done == self._task.steps
        if not due or rank() != 0:
            return {}
        with suppress(Interrupted, ClaimLost):
            self._validate(done)
        self._task.begin_stage(self._task.plan.stage(done))
        score = self.record["scores"].get(str(done))
        return {} if score is None else {METRIC: score}

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
            record["best"], record["weights"] = done, self._keep(done)
        write_json(directory.validation_path, record)
        self._keep_only(record["best"])

    def _found(self) -> dict[str, Any] | None:
        """What an earlier life has found; ValueError where that is damaged."""
        path = self._directory.validation_path
        record = read_json(path)
        problem = None if record is None else fields_problem(record, RECORD)
        if problem:
            raise ValueError(f"{path} is damaged ({problem}); delete it and run the sweep again")
        return record

    def _problem(self) -> str | None:
        """What of an earlier life's findings is lost, or None."""
        if whole_checkpoints(self._directory.checkpoints) and not self.record["scores"]:
            return f"{self._directory.validation_path} is missing beside the checkpoints"
        if self.record["best"] is None:
            return None
        try:
            expected = Checksum.of_record(self.record.get("weights"))
            expected.check(self._path(self.record["best"]))
        except ValueError as error:
            return f"the best weights, of step {self.record['best']}, are damaged ({error})"
        return None

    def _keep(self, done: int) -> dict[str, Any]:
        path, state = self._path(done), self._task.objective.model.state_dict()
        return write_weights(state, path).record()

    def _keep_only(self, best: int | None) -> None:
        """Remove what an earlier best left, now that the record names the new one."""
        for path in self._directory.checkpoints.glob("best-*.safetensors"):
            if best is None or path != self._path(best):
                path.unlink()

    def _path(self, done: int) -> Path:
        return self._directory.checkpoints / f"best-{done:07d}.safetensors"

    def _score(self) -> float:
        model, task = self._task.objective.model, self._task
        count = Count(2 * len(self._clips), Progress(self._directory, "validation", self._watch))
        retriever = replace(of_model(model, task.config, task.device), encoded=count)
        encoded = retriever.encode(self._clips)
        rows = metric_rows(encoded, retriever.evaluation.lexicon_share)
        return [r for r in rows if (r["direction"], r["metric"]) == ("t2v", METRIC)][-1]["value"]
