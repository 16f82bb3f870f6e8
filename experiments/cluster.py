"""Train what a plan is missing as jobs of a SLURM cluster.

Jobs live on their own: this process may end, and another one, started with the same command, goes
on watching them. Nothing is submitted twice.
"""

import hashlib
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from experiments.launch import task_of
from experiments.plan import Plan, PlannedRun
from experiments.snapshot import Snapshot
from experiments.standing import Queue, standing
from experiments.submitted import execute_submitted
from slurm.profile import Profile
from slurm.queue import SlurmError
from slurm.submission import Submission, sbatch_texts, submit
from slurm.task import Task
from unify.locks import lock

FUNCTION: Callable[..., object] = execute_submitted
"""What each task of a job calls."""
ENDING_SECONDS = 20.0
"""A job that SLURM ends, or puts back into the queue, has done so after this time."""
DIGITS = 6
"""Of the hash in a job's name."""


@dataclass(frozen=True, kw_only=True)
class Launch:
    """What would be submitted for a plan now."""

    fresh: tuple[PlannedRun, ...]
    """Missing runs that nothing sees to."""
    tasks: tuple[Task, ...]
    queued: Mapping[str, str]
    """Signature -> id of the job that sees to a missing run already."""
    seen_to: int
    """How many missing runs something sees to already."""
    ending: bool
    """Whether a job is just about to end, so that one cannot tell yet."""
    submission: Submission
    snapshot: Snapshot


def prepare(plan: Plan, runs: Path, profile: Profile, jobs: int | None) -> Launch:
    """Look at what there is; nothing is written. SlurmError where the queue cannot be asked."""
    queue = Queue(plan.everything)
    if queue.problem:
        raise SlurmError(queue.problem)
    stands = {run.signature: standing(run, queue) for run in plan.missing}
    fresh = tuple(run for run in plan.missing if not stands[run.signature].active)
    snapshot = Snapshot(runs)
    name = _name(plan, runs, fresh, snapshot)
    return Launch(
        fresh=fresh,
        tasks=tuple(task_of(run, FUNCTION, str(profile.requeues)) for run in fresh),
        queued={signature: found.job for signature, found in stands.items() if found.job},
        seen_to=len(stands) - len(fresh),
        ending=any(found.state == "ending" for found in stands.values()),
        submission=Submission(
            profile=profile,
            name=name,
            folder=runs.resolve() / "jobs" / name,
            jobs=jobs,
            environment=snapshot.variables(os.environ.get("PYTHONPATH", "")),
        ),
        snapshot=snapshot,
    )


def texts(launch: Launch) -> list[str]:
    """The sbatch file of each array that would be submitted."""
    return sbatch_texts(launch.tasks, launch.submission, launch.queued)


def submit_missing(
    plan: Plan,
    runs: Path,
    profile: Profile,
    jobs: int | None,
    say: Callable[[str, list[str]], None],
) -> int:
    """Submit what nothing sees to; two that do this at once submit each run once. Returns how many
    runs are seen to in the end.

    say: called for each array, as soon as it is accepted, with its job id and its runs' names.
    """
    with alone(runs):
        launch = _settled(plan, runs, profile, jobs)
        if not launch.fresh:
            return launch.seen_to
        for run in launch.fresh:
            run.create()
        launch.snapshot.take()
        names = {run.signature: run.name for run in launch.fresh}

        def submitted(ids: Mapping[str, str]) -> None:
            _record(launch, plan.sweep.name, ids)
            job = next(iter(ids.values())).partition("_")[0]
            say(job, [names[key] for key in ids])

        submit(launch.tasks, launch.submission, launch.queued, submitted)
    return launch.seen_to + len(launch.fresh)


def _settled(plan: Plan, runs: Path, profile: Profile, jobs: int | None) -> Launch:
    """What is to be submitted, once jobs that are about to end have ended, or after a while."""
    limit = time.monotonic() + ENDING_SECONDS
    while (launch := prepare(plan, runs, profile, jobs)).ending and time.monotonic() < limit:
        time.sleep(1)
    return launch


@contextmanager
def alone(runs: Path) -> Iterator[None]:
    """One submission at a time below `runs`."""
    taken = False
    while not taken:
        with lock(runs / ".submitting") as taken:
            if taken:
                yield


def _record(launch: Launch, sweep: str, ids: Mapping[str, str]) -> None:
    runs = {run.signature: run.directory for run in launch.fresh}
    for key, job in ids.items():
        runs[key].clear_failure()
        runs[key].write_submission(
            {
                "job": job,
                "name": launch.submission.name,
                "sweep": sweep,
                "profile": launch.submission.profile.name,
                "folder": str(launch.submission.folder),
                "code": launch.snapshot.path.name,
                "time": time.time(),
            }
        )


def _name(plan: Plan, runs: Path, fresh: Sequence[PlannedRun], snapshot: Snapshot) -> str:
    """The jobs' name: the same runs of the same code in the same folder have the same one."""
    keys = ",".join([str(runs.resolve()), snapshot.path.name, *(run.signature for run in fresh)])
    return f"{plan.sweep.name}-{hashlib.sha256(keys.encode()).hexdigest()[:DIGITS]}"
