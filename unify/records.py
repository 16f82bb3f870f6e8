"""The run directory: what a run writes and what others read back (no torch).

`result.json` is written last and atomically: finished means that it and the weights are there.
"""

import logging
import os
import re
import shutil
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from unify.attempts import Attempt, Attempts, Claim, Held, Holder
from unify.config.codec import differences, from_dict, to_dict
from unify.config.errors import ConfigError
from unify.config.family import Config, group
from unify.config.fusion import FusionConfig
from unify.config.signature import SCHEMA, signature
from unify.damage import (
    FAILURE,
    PROGRESS,
    SUBMISSION,
    RecordError,
    config_problem,
    fields_problem,
    newer,
    result_problem,
    weights_problem,
)
from unify.environment import code_diff, environment
from unify.files import create_json, read_json, write_atomically, write_json
from unify.locks import holder, is_locked, lock
from unify.metrics_log import MetricsLog
from unify.reasons import reason

State = Literal["new", "running", "finished", "damaged", "failed", "interrupted"]


ANOTHER_VERSION = "use the version that wrote it, or delete the run and train it anew"
OPEN_IT = "make it a file that can be read, or delete it and run the sweep again"
NO_PROGRESS = "progress is not shown: %s"
NOTHING: Mapping[str, Any] = {}
SIGNATURE = re.compile(r"-([0-9a-f]{12})$")
"""How the names of run directories end."""

log = logging.getLogger(__name__)


class RunDirectory:
    """One run's files: `config.json`, `metrics.jsonl`, `checkpoints/`, ..., `result.json`."""

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)
        self.config_path = self.path / "config.json"
        self.environment_path = self.path / "environment.json"
        self.checkpoints = self.path / "checkpoints"
        self.tensorboard = self.path / "tensorboard"
        self.model_path = self.path / "model.safetensors"
        self.metrics_log = MetricsLog(self.path / "metrics.jsonl")
        self.progress_path = self.path / "progress.json"
        self.failure_path = self.path / "failure.json"
        self.validation_path = self.path / "validation.json"
        self.samples_path = self.path / "samples.json"
        self.previews = self.path / "previews"
        self.result_path = self.path / "result.json"
        self.log_path = self.path / "log.txt"
        self.lock_path = self.path / "lock"
        self.submission_path = self.path / "submission.json"
        self._attempts = Attempts(self.path)
        self._silent = False

    @classmethod
    def create(
        cls,
        path: Path | str,
        config: Config,
        *,
        label: str,
        sweep: str,
        parents: Mapping[str, Path],
    ) -> "RunDirectory":
        """Write `config.json`; an existing one must describe the same run (RecordError if not)."""
        directory = cls(path)
        if directory.config_path.exists():
            directory._compare(config)
            label, sweep = directory.meta()["label"], directory.meta()["sweep"]
        if directory.is_finished():
            shutil.rmtree(directory.checkpoints, ignore_errors=True)  # by a run killed at its end
            return directory
        record = {
            "schema": SCHEMA,
            "kind": type(config).__name__,
            "signature": signature(config),
            "group": group(config),
            "label": label,
            "sweep": sweep,
            "parents": {name: os.path.relpath(p, directory.path) for name, p in parents.items()},
            "config": to_dict(config),
        }
        if not directory.config_path.exists() or record != directory.meta():
            write_json(directory.config_path, record)
        return directory

    def meta(self) -> dict[str, Any]:
        """The content of `config.json`; RecordError where it is missing or damaged."""
        meta = self._read(self.config_path, needed=True)
        self._refuse(self.config_path, config_problem(meta))
        return meta

    def config(self) -> Config:
        """The run's config; RecordError where it was written by another version, or edited."""
        meta = self.meta()
        try:
            config = from_dict(meta["kind"], meta["config"])
        except ConfigError as error:
            raise RecordError(f"{self.config_path}: {error}; {ANOTHER_VERSION}") from error
        if signature(config) != meta["signature"]:
            what = f"its fields give signature {signature(config)}, not {meta['signature']}"
            self._refuse(self.config_path, what)
        return config

    def parents(self) -> dict[str, Path]:
        """Directories of the runs that this one starts from, by part."""
        stored = self.meta()["parents"]
        return {name: Path(os.path.normpath(self.path / where)) for name, where in stored.items()}

    @contextmanager
    def claim(
        self,
        *,
        job: str | None = None,
        processes: int = 1,
        code: str = "",
        over: Callable[[str], bool] = lambda job: False,
    ) -> Iterator[Claim]:
        """Be the one that trains this run, with a new attempt; RecordError while another one is.

        The lock keeps others out as far as it reaches. Where an attempt on another host has not
        ended, its heartbeat is watched, for two minutes at most; if it stands still, the run is
        taken over, and that one's claim is lost.

        Args:
            job: SLURM's id; an earlier attempt of the same job is over.
            processes: how many train together.
            code: snapshot or commit that runs.
            over: whether a job of SLURM has certainly ended: nobody waits for its heartbeat.
        """
        with lock(self.lock_path) as taken:
            if not taken:
                raise RecordError(self._taken())
            try:
                holds = Holder(job=job, processes=processes, code=code)
                claim = self._attempts.claim(holds, over)
            except Held as other:
                raise RecordError(self._taken(str(other))) from other
            with claim:
                yield claim

    def is_claimed(self) -> bool:
        """Whether a process trains this run: one holds the lock, or beats on another host."""
        return self.is_locked() or self._attempts.beats_elsewhere(socket.gethostname())

    def is_locked(self) -> bool:
        """Whether a living process trains this run, as far as locks reach."""
        return is_locked(self.lock_path)

    def check_unlocked(self) -> None:
        """RecordError where `is_locked`: said before anything is touched."""
        if self.is_locked():
            raise RecordError(self._taken())

    def silence(self) -> float | None:
        """Seconds since the newest attempt's last heartbeat; None where it gave none."""
        return self._attempts.silence()

    def last_attempt(self) -> Attempt | None:
        """The run's newest life, ended or not; None for one of before there were attempts."""
        return self._attempts.last()

    def write_submission(self, submission: Mapping[str, Any]) -> None:
        """Keep what was handed to a cluster for this run: `submission.json`."""
        write_json(self.submission_path, submission)

    def submission(self) -> dict[str, Any] | None:
        """What was last handed to a cluster for this run, or None; RecordError where damaged."""
        return self._read(self.submission_path, SUBMISSION)

    def log_of(self, rank: int) -> Path:
        """Where a process of the run says what it does; rank 0 in `log.txt`."""
        return self.path / f"log-rank{rank}.txt" if rank else self.log_path

    def progress(self, step: int, total: int, phase: str, **values: float) -> None:
        """Say where the run is: `progress.json`, time-stamped. Where that cannot be written, the
        run goes on, and warns once."""
        place = {"step": step, "total": total, "phase": phase}
        try:
            write_json(self.progress_path, {**place, "time": time.time(), "values": values})
        except OSError as error:  # nothing depends on it
            log.log(logging.DEBUG if self._silent else logging.WARNING, NO_PROGRESS, reason(error))
            self._silent = True

    def read_progress(self) -> dict[str, Any] | None:
        """The last word of `progress`, or None; RecordError where it is damaged."""
        return self._read(self.progress_path, PROGRESS)

    def finish(self, result: Mapping[str, Any]) -> None:
        """Write `result.json`: from now on the run is finished."""
        write_json(self.result_path, result)

    def result(self) -> dict[str, Any]:
        """The content of `result.json`; RecordError where it is missing or damaged."""
        result = self._read(self.result_path, needed=True)
        self._refuse(self.result_path, result_problem(result, self.meta()))
        return result

    def is_finished(self) -> bool:
        """Whether the run has its config, result and weights, if any; they may still be damaged,
        or closed to this user."""
        try:
            weights = self.model_path.exists() or self._has_no_weights()
            return weights and self.result_path.exists() and self.config_path.exists()
        except OSError:
            return True

    def damage(self) -> str | None:
        """What is wrong with the config, or with a finished run's result and weights, in one line;
        None where nothing is."""
        try:
            if self.is_finished():
                result = self.result()
                self._refuse(self.model_path, weights_problem(self.model_path, result))
            if self.config_path.exists():
                self._check_place(self.meta())
                self.config()
        except (RecordError, OSError) as error:
            return reason(error)
        return None

    def fail(self, error: BaseException, rank: int = 0) -> None:
        """Record why the run ended: `failure.json`. Of several processes the first is right: the
        others fail because it left."""
        message = f"rank {rank}: {reason(error)}" if rank else reason(error)
        said = self.log_of(rank) if self.log_of(rank).exists() else self.log_path
        failure = {"type": type(error).__name__, "message": message, "log": str(said)}
        try:
            create_json(self.failure_path, failure)
        except OSError as other:  # the log, the terminal and who waits for the run say it too
            log.warning("the failure is not on record: %s", reason(other))

    def failure(self) -> dict[str, str] | None:
        """Why the run failed last time, or None; RecordError where that is damaged."""
        return self._read(self.failure_path, FAILURE)

    def clear_failure(self) -> None:
        """Forget an earlier failure: the run is tried again."""
        self.failure_path.unlink(missing_ok=True)

    def write_environment(self) -> None:
        """Record code, packages and machine: `environment.json` and `code.diff`."""
        write_json(self.environment_path, environment())
        write_atomically(self.path / "code.diff", code_diff())

    def state(self) -> State:
        """Where the run stands, from its files alone."""
        if self.damage():
            return "damaged"
        if self.is_finished():
            return "finished"
        if self.is_claimed():
            return "running"
        if self.failure_path.exists():
            return "failed"
        begun = self.lock_path.exists() or self.result_path.exists()
        return "interrupted" if begun else "new"

    def _taken(self, by: str = "") -> str:
        who = by or holder(self.lock_path)
        return f"{self.path} is being trained by {who}; wait for it, or end that first"

    def _has_no_weights(self) -> bool:
        """Whether this kind of run trains nothing; False where that cannot be read."""
        try:
            return self.meta()["kind"] == FusionConfig.__name__
        except RecordError:
            return False

    def _compare(self, config: Config) -> None:
        changed = differences(self.config(), config)
        if type(config).__name__ != self.meta()["kind"] or changed:
            text = ", ".join(f"{name} {old} -> {new}" for name, (old, new) in changed.items())
            raise RecordError(f"{self.path} holds another config ({text}); use another directory")

    def _read(self, path: Path, kinds: Mapping[str, Any] = NOTHING, *, needed: bool = False) -> Any:
        """A record's content, which has fields of these kinds; None where there is no file."""
        try:
            content = read_json(path)
        except ValueError as error:
            raise RecordError(str(error)) from error
        except OSError as error:
            raise RecordError(f"{path} cannot be read ({error.strerror}); {OPEN_IT}") from error
        there = content is not None or path.exists()
        if needed and not there:
            raise RecordError(f"{path} is missing; is {self.path} a run directory?")
        if problem := newer(content):
            raise RecordError(f"{path} {problem}; {ANOTHER_VERSION}")
        if there and kinds:
            self._refuse(path, fields_problem(content, kinds))
        return content

    def _check_place(self, meta: Mapping[str, Any]) -> None:
        """RecordError for the config of another run."""
        named = SIGNATURE.search(self.path.name)
        if named and named[1] != meta["signature"]:
            what = f"is that of run {meta['signature']}; this folder is for {named[1]}"
            raise RecordError(f"{self.config_path} {what}; delete it and run the sweep again")

    def _refuse(self, path: Path, problem: str | None) -> None:
        if problem:
            raise RecordError(f"{path} is damaged ({problem}); delete it and run the sweep again")


def find_run(runs: Path | str, run_signature: str) -> RunDirectory | None:
    """The run of this signature under any sweep's folder, a finished one first."""
    paths = sorted(Path(runs).glob(f"*/*-{run_signature}/config.json"))
    found = [RunDirectory(path.parent) for path in paths]
    return min(found, key=lambda directory: directory.state() != "finished", default=None)
