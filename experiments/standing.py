"""Where each run stands: from its own records first, then from SLURM's queue."""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from experiments.plan import PlannedRun
from experiments.progress import duration, failure_line, read_progress
from slurm.queue import QueuedJob, SlurmError, jobs
from unify.attempts import LOST_SECONDS, Attempt
from unify.records import RecordError

STALLED_SECONDS = 600.0
"""A run whose process lives but has said nothing for so long is probably hung."""

ACTIVE = ("queued", "starting", "running", "stalled", "ending", "submitted")
"""Words for runs that are being seen to; `submitted` where the queue does not answer."""

ENDINGS = {
    "TIMEOUT": "timed out",
    "CANCELLED": "cancelled",
    "PREEMPTED": "preempted",
    "NODE_FAIL": "node failed",
    "BOOT_FAIL": "node failed",
    "OUT_OF_MEMORY": "out of memory",
}
"""SLURM's words for jobs that ended without a word of their own."""


@dataclass(frozen=True)
class Standing:
    """A run's state in a word, and what explains it."""

    state: str
    note: str = ""
    job: str = ""
    """Id of its job where that is in SLURM's queue or runs."""

    @property
    def active(self) -> bool:
        """Whether something sees to the run, or will."""
        return self.state in ACTIVE


class Queue:
    """SLURM's queue, asked once, and only where a run was ever submitted."""

    def __init__(self, runs: Iterable[PlannedRun]) -> None:
        self._jobs: Mapping[str, QueuedJob] = {}
        self.problem = ""
        self._submissions = {run.signature: _submission(run) for run in runs}
        if any(self._submissions.values()):
            try:
                self._jobs = jobs()
            except SlurmError as error:
                self.problem = str(error)

    def job(self, run: PlannedRun) -> QueuedJob | None:
        """The run's job, as long as SLURM remembers it; ids of another cluster are told by name."""
        submitted = self._submissions.get(run.signature)
        found = self._jobs.get(submitted["job"]) if submitted else None
        return found if found and found.name == submitted["name"] else None

    def is_down(self, job: str) -> bool:
        """Whether SLURM knows that a job has ended or waits for another life."""
        found = self._jobs.get(job)
        return found is not None and (found.state == "PENDING" or not found.active)


def standing(run: PlannedRun, queue: Queue) -> Standing:
    """Where a run stands now."""
    state, job, last = run.directory.state(), queue.job(run), run.directory.last_attempt()
    if state in ("finished", "damaged"):
        return Standing(state, failure_line(run))
    if state == "running" and not _is_dead(run, last, queue):
        return _running(run, last)
    if job and job.active and not _is_leaving(last, job):
        return _queued(run, last, job)
    if state == "failed":
        return Standing("failed", _noted(run, failure_line(run)))
    if damage := _damaged_submission(run):
        return Standing("damaged", damage)
    if parent := _failed_parent(run, queue):
        return Standing("blocked", f"by {parent.name}")
    return _ended(run, state, last, job, queue)


def _is_dead(run: PlannedRun, last: Attempt | None, queue: Queue) -> bool:
    """Whether a run had a heartbeat of late, but SLURM knows that its job does not run."""
    if last is None or last.job is None or run.directory.is_locked():
        return False
    return queue.is_down(last.job)


def _is_leaving(last: Attempt | None, job: QueuedJob) -> bool:
    """Whether a job is about to end whose run was told to stop: `scancel` was."""
    return job.state == "COMPLETING" and last is not None and last.ended == "stopped"


def _running(run: PlannedRun, last: Attempt | None) -> Standing:
    job = last.job or "" if last else ""
    silence = run.directory.silence()
    if silence is not None and silence > LOST_SECONDS:
        return Standing("stalled", _of_job(job, f"no heartbeat for {duration(silence)}"), job)
    said, age = read_progress(run).age, time.time() - last.started if last else None
    if said is not None and age is not None and min(said, age) > STALLED_SECONDS:
        what = f"its process lives, but no step for {duration(said)}"
        return Standing("stalled", _of_job(job, what), job)
    return Standing("running", _of_job(job), job)


def _queued(run: PlannedRun, last: Attempt | None, job: QueuedJob) -> Standing:
    before = f"{last.ended} before" if last and last.ended else ""
    if job.state == "PENDING":
        reason = "" if job.reason == "None" else job.reason
        return Standing("queued", _of_job(job.id, before, reason), job.id)
    if job.state == "COMPLETING":
        return Standing("ending", _of_job(job.id, last.ended if last else ""), job.id)
    silence = run.directory.silence()
    if last and last.job == job.id and not last.ended and silence is not None:
        note = _of_job(job.id, f"no heartbeat for {duration(silence)}, on {job.nodes}")
        return Standing("stalled", note, job.id)
    return Standing("starting", _of_job(job.id, before, f"{job.state} on {job.nodes}"), job.id)


def _ended(
    run: PlannedRun, state: str, last: Attempt | None, job: QueuedJob | None, queue: Queue
) -> Standing:
    """A run that nothing sees to: how its last attempt or its job ended."""
    submitted = _submission(run)
    if submitted and queue.problem and not (last and last.ended):
        return Standing("submitted", f"job {submitted['job']}; the queue is not known")
    if last and last.ended:
        cancelled = job is not None and job.state == "CANCELLED"
        return Standing("cancelled" if cancelled else last.ended, last.note)
    if job:
        word = ENDINGS.get(job.state, "failed")
        return Standing(word, _noted(run, f"job {job.id}: {job.state} ({job.reason})"))
    if last:
        return Standing("lost", _noted(run, f"{last} ended without a word"))
    if submitted:
        return _never_begun(run, submitted["job"])
    return Standing(state)


def _never_begun(run: PlannedRun, job: str) -> Standing:
    """A run whose job SLURM has forgotten."""
    if _job_log(run).exists():
        return Standing("failed", _noted(run, f"job {job} ended before the run began"))
    return Standing("cancelled", f"job {job} left the queue before it began")


def _of_job(job: str, *parts: str) -> str:
    """What there is to say, after the job's id where there is a job."""
    said = "; ".join(part for part in parts if part)
    return ": ".join(filter(None, [f"job {job}" if job else "", said]))


def _noted(run: PlannedRun, what: str) -> str:
    """With where to read more: the run's log, what SLURM said."""
    paths = [run.directory.log_path, *([_job_log(run)] if _submission(run) else [])]
    found = ", ".join(str(path) for path in paths if path.exists())
    return f"{what}; log: {found}" if found else what


def _job_log(run: PlannedRun) -> Path:
    submitted = _submission(run)
    return Path(submitted["folder"], f"{submitted['job']}_0_log.out")


def _failed_parent(run: PlannedRun, queue: Queue) -> PlannedRun | None:
    """A parent that failed; of a run that was submitted, any that nothing sees to."""
    for parent in run.parents.values():
        found = standing(parent, queue)
        given_up = _submission(run) and not found.active and found.state != "finished"
        if given_up or found.state in ("failed", "blocked", "damaged"):
            return parent
    return None


def _submission(run: PlannedRun) -> Mapping[str, str] | None:
    try:
        return run.directory.submission()
    except RecordError:
        return None


def _damaged_submission(run: PlannedRun) -> str:
    """What is wrong with the record of its job; empty where nothing is."""
    try:
        run.directory.submission()
    except RecordError as error:
        return str(error)
    return ""
