"""The queue of a SLURM cluster, through its own commands."""

import os
import re
import shutil
import signal
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

COMMAND_SECONDS = 60.0
"""After this time a command counts as unanswered; an overloaded controller answers late."""

_BY_ITSELF = {"COMPLETED", "FAILED", "OUT_OF_MEMORY"}
_BY_SLURM = {"BOOT_FAIL", "CANCELLED", "DEADLINE", "NODE_FAIL", "PREEMPTED", "REVOKED", "TIMEOUT"}
ENDED = _BY_ITSELF | _BY_SLURM
"""States that a job does not leave by itself."""

HELD = {signal.SIGINT, signal.SIGTERM, signal.SIGUSR2}
"""Signals that wait while one of SLURM's commands runs."""

FORMAT = "%i|%T|%N|%r|%j"
"""squeue's columns: the name comes last, since it may hold anything."""


class SlurmError(RuntimeError):
    """What SLURM refused or did not answer, in one line."""


@dataclass(frozen=True)
class QueuedJob:
    """A job, or one element of an array, as squeue shows it."""

    id: str
    """"101", or "101_3" for an element."""
    name: str
    state: str
    """SLURM's word: PENDING, RUNNING, COMPLETING, TIMEOUT, ..."""
    reason: str
    """Why it waits, or ended so, in SLURM's word; "None" where there is nothing to say."""
    nodes: str
    """SLURM's node list; empty for a job that waits."""

    @property
    def active(self) -> bool:
        """Whether it waits, runs or is about to end."""
        return self.state not in ENDED


def jobs() -> dict[str, QueuedJob]:
    """This user's jobs by id, with those that ended a short while ago; arrays by element.

    An element that was cancelled before it started is not among them. Raises SlurmError.
    """
    text = run("squeue", "--me", "--array", "--states=all", "--noheader", f"--format={FORMAT}")
    rows = [line.split("|", 4) for line in text.splitlines() if line.count("|") >= 4]
    return {
        id: QueuedJob(id=id, name=name, state=state, reason=reason, nodes=nodes)
        for id, state, nodes, reason, name in rows
    }


def cancel(ids: Iterable[str]) -> None:
    """End jobs, whether they wait or run; those that have ended stay as they are."""
    if known := list(ids):
        run("scancel", "--quiet", *known)


def requeue(job_id: str) -> None:
    """End a running job and put it back into the queue under its id; of an array one element.

    SLURM does so with a job that is being cancelled, too. Raises SlurmError.
    """
    run("scontrol", "requeue", job_id)


def fields_of(job_id: str) -> dict[str, str]:
    """What scontrol says of one job or element: JobState, EndTime, PreemptTime, ...

    A job that is being cancelled, or that SLURM itself puts back, is COMPLETING from the moment
    that it gets SIGTERM; one that is warned of its time limit or of preemption is RUNNING.
    Raises SlurmError where SLURM does not know the job (any more).
    """
    text = run("scontrol", "show", "job", "--oneliner", job_id)
    found = dict(re.findall(r"(\w+)=(\S*)", text))
    if "JobState" not in found:
        raise SlurmError(f"scontrol: no state of job {job_id} in {text.strip()!r}")
    return found


def is_active(job_id: str) -> bool:
    """Whether a job waits, runs or is about to end. Raises SlurmError as `fields_of`."""
    return fields_of(job_id)["JobState"] not in ENDED


def require(*commands: str) -> None:
    """Raise SlurmError unless SLURM's commands are there."""
    for command in commands:
        if shutil.which(command) is None:
            raise SlurmError(f"{command} is not found here; SLURM's commands must be on the PATH")


def run(*command: str) -> str:
    """Run one of SLURM's commands and give what it prints; SlurmError where it fails."""
    name = command[0]
    require(name)
    try:
        with signals_held():
            done = subprocess.run(
                command,
                capture_output=True,
                text=True,
                errors="replace",
                timeout=COMMAND_SECONDS,
                env=_without_filters(),
            )
    except subprocess.TimeoutExpired:
        raise SlurmError(f"{name}: no answer in {COMMAND_SECONDS:g} s") from None
    if done.returncode != 0:
        raise SlurmError(f"{name}: {complaint(done.stderr) or f'status {done.returncode}'}")
    return done.stdout


def complaint(stderr: str) -> str:
    """What SLURM's commands say on stderr, in one line without their prefixes."""
    lines = [re.sub(r"^\w+: (error: )?", "", line.strip()) for line in stderr.splitlines()]
    return "; ".join(filter(None, lines))


def _without_filters() -> dict[str, str]:
    """The environment less the user's own defaults for squeue's output."""
    return {name: value for name, value in os.environ.items() if not name.startswith("SQUEUE_")}


@contextmanager
def signals_held() -> Iterator[None]:
    """A command gets the signals of its job, or of its terminal, too, and would die of them."""
    held = signal.pthread_sigmask(signal.SIG_BLOCK, HELD)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, held)
