"""Cancel what a sweep has queued or running on a cluster."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from experiments.plan import Plan
from slurm.queue import QueuedJob, jobs
from unify.records import RecordError, RunDirectory


@dataclass(frozen=True)
class Live:
    """A run whose job waits or runs."""

    directory: RunDirectory
    sweep: str
    """The one that submitted it."""
    job: QueuedJob

    @property
    def name(self) -> str:
        """The run's sweep and label, with its seed's and signature's part of the folder."""
        return f"{self.directory.path.parent.name}/{self.directory.path.name}"


@dataclass(frozen=True)
class Cancellation:
    """What would be cancelled, and what not."""

    jobs: list[Live]
    kept: list[Live]
    """Runs that another sweep's jobs wait for."""
    others: list[Live]
    """Runs of the same sweep with other settings than those that were asked for."""


def cancellation(plan: Plan, runs: Path) -> Cancellation:
    """Look at all jobs that were submitted below `runs`. Raises SlurmError."""
    live = {one.directory.path.resolve(): one for one in _live(runs)}
    asked = {run.directory.path.resolve() for run in plan.everything}
    own = {p: one for p, one in live.items() if one.sweep == plan.sweep.name and p in asked}
    needed = _needed({p: one for p, one in live.items() if p not in own}, live)
    return Cancellation(
        jobs=[one for path, one in own.items() if path not in needed],
        kept=[one for path, one in own.items() if path in needed],
        others=[o for p, o in live.items() if o.sweep == plan.sweep.name and p not in own],
    )


def _live(runs: Path) -> Iterator[Live]:
    queue = jobs()
    for path in sorted(runs.glob("*/*/submission.json")):
        directory = RunDirectory(path.parent)
        try:
            submitted = directory.submission()
        except RecordError:
            continue
        job = queue.get(submitted["job"])
        if job and job.active and job.name == submitted["name"]:
            yield Live(directory, submitted["sweep"], job)


def _needed(waiting: dict[Path, Live], live: dict[Path, Live]) -> set[Path]:
    """Runs with jobs that these start from, directly or not."""
    found: set[Path] = set()
    front = list(waiting)
    while front:
        parents = RunDirectory(front.pop()).parents().values()
        new = {path.resolve() for path in parents} & live.keys() - found
        found |= new
        front += new
    return found
