"""A run as one task of a SLURM job."""

import logging
import time

from experiments import logs
from experiments.job import ending, execute, rank
from slurm import inside, queue
from unify.attempts import ClaimLost
from unify.interruption import Interrupted, check, listening
from unify.records import RunDirectory

logger = logging.getLogger(__name__)

PARENT_SECONDS = 90
"""Until a parent's result, written on another node, must be seen on this one."""
REQUEUE_SECONDS = 120
"""How long SLURM is asked again for a place in its queue, where it does not answer."""


def execute_submitted(path: str, requeues: str) -> None:
    """`execute` as one task of a SLURM job, which goes back into the queue when it is asked to
    stop, at most `requeues` times; not where SLURM ends it already, as `scancel` lets it.

    Raises RuntimeError where a run that it starts from is not finished, and nobody is at it.
    """
    with listening():
        inside.export_ranks()
        directory = RunDirectory(path)
        logs.redirect(directory.log_of(rank()))
        logs.to_stderr()
        try:
            _await_parents(directory)
            execute(path)
        except ClaimLost as lost:
            logger.error("%s", lost)
        except Interrupted as stop:
            logger.warning("%s", stop)
            if rank() == 0:
                _requeue(directory, stop, int(requeues))


def _requeue(directory: RunDirectory, stop: Interrupted, limit: int) -> None:
    """Back into the queue, unless SLURM ends the job already or another process has failed."""
    try:
        if _state_in_time() != "RUNNING" or directory.failure():
            return
        if inside.restarts() < limit:
            queue.requeue(inside.job_id())
            return
        most = f"as many returns to the queue as the profile's `requeues` lets ({limit})"
        reason = f"{ending(stop.signal)}, after {most}"
    except queue.SlurmError as error:
        reason = f"{stop}, and SLURM did not take the job back: {error}"
    directory.fail(RuntimeError(f"{reason}; run the sweep again to go on"))


def _state_in_time() -> str:
    """This job's state, asked again and again where SLURM does not answer. Raises SlurmError."""
    limit = time.monotonic() + REQUEUE_SECONDS
    while True:
        try:
            return inside.state()
        except queue.SlurmError:
            if time.monotonic() > limit:
                raise
            time.sleep(1)


def _await_parents(directory: RunDirectory) -> None:
    """Until all parents are finished; RuntimeError for one that is not and that nobody is at."""
    limit = time.monotonic() + PARENT_SECONDS
    while missing := _unfinished_parent(directory):
        check()
        if missing.is_claimed():
            limit = time.monotonic() + PARENT_SECONDS
        elif missing.failure() or (time.monotonic() > limit and not _is_coming(missing)):
            raise RuntimeError(f"{directory.path} cannot start: {missing.path} is not finished")
        time.sleep(1)


def _unfinished_parent(directory: RunDirectory) -> RunDirectory | None:
    parents = map(RunDirectory, directory.parents().values())
    return next((parent for parent in parents if not parent.is_finished()), None)


def _is_coming(run: RunDirectory) -> bool:
    """Whether a job for it waits or runs."""
    submitted = run.submission()
    try:
        return submitted is not None and queue.is_active(submitted["job"])
    except queue.SlurmError:
        return False
