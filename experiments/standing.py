"""Where each run stands: from its own records first, then from SLURM's queue."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from experiments.plan import PlannedRun
from experiments.progress import duration, failure_line, read_progress
from slurm.queue import QueuedJob, SlurmError, jobs
from unify.attempts import Attempt
from unify.records import RecordError

STALLED_SECONDS = 600.0
"""A run whose process lives but has said nothing for so long is probably hung."""

ACTIVE = ("queued", "starting", "running", "stalled")
"""Words for runs that are being seen to."""

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


def standing(run: PlannedRun, queue: Queue) -> Standing:
    """Where a run stands now."""
    state, job = run.directory.state(), queue.job(run)
    if state in ("finished", "damaged"):
        return Standing(state, failure_line(run))
    active = job if job and job.active else None
    if state == "running":
        return _running(run, active.id if active else "")
    if active:
        return _queued(run, active)
    if state == "failed":
        return Standing("failed", failure_line(run))
    if parent := _failed_parent(run, queue):
        return Standing("blocked", f"by {parent.name}")
    return _ended(run, state, job)


def _running(run: PlannedRun, job: str) -> Standing:
    age = read_progress(run).age
    if age is not None and age > STALLED_SECONDS:
        return Standing("stalled", f"its process lives, but no step for {duration(age)}", job)
    return Standing("running", f"job {job}" if job else "", job)


def _queued(run: PlannedRun, job: QueuedJob) -> Standing:
    last = run.directory.last_attempt()
    before = f"{last.ended} before; " if last and last.ended else ""
    if job.state == "PENDING":
        reason = "" if job.reason == "None" else job.reason
        return Standing("queued", f"job {job.id}: {before}{reason}", job.id)
    return Standing("starting", f"job {job.id}: {before}{job.state} on {job.nodes}", job.id)


def _ended(run: PlannedRun, state: str, job: QueuedJob | None) -> Standing:
    """A run that nothing sees to: how its last attempt or its job ended."""
    last = run.directory.last_attempt()
    if last and last.ended:
        return Standing(last.ended, last.note)
    if job and job.state in ENDINGS:
        return Standing(ENDINGS[job.state], f"job {job.id}; log: {_logs(run)}")
    if last:
        return Standing("lost", f"{_place(last)} ended without a word; log: {_logs(run)}")
    if submitted := _submission(run):
        return Standing("cancelled", f"job {submitted['job']} left the queue before it began")
    return Standing(state)


def _place(attempt: Attempt) -> str:
    job = f"job {attempt.job}" if attempt.job else f"process {attempt.pid}"
    return f"{job} on {attempt.host}"


def _logs(run: PlannedRun) -> str:
    submitted = _submission(run)
    return submitted["folder"] if submitted else str(run.directory.log_path)


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
