"""One run, from its directory: what every executor, `run.py` and torchrun call."""

import logging
import os
import signal
import time
from pathlib import Path

from experiments import logs
from slurm import inside, queue
from unify.attempts import Claim, ClaimLost
from unify.code_state import code_state
from unify.interruption import Interrupted, asked, at_once, check, listening
from unify.records import RunDirectory

logger = logging.getLogger(__name__)

LAST_SECONDS = 600
"""A job that is asked to stop so shortly before its time limit has reached it."""
PARENT_SECONDS = 90
"""Until a parent's result, written on another node, must be seen on this one."""
REQUEUE_SECONDS = 120
"""How long SLURM is asked again for a place in its queue, where it does not answer."""


def execute_logged(path: str) -> None:
    """`execute`, with all output in the run's log: for a process of its own."""
    logs.redirect(RunDirectory(path).log_path)
    logs.to_stderr()
    with listening():
        execute(path)


def execute_copied(path: str) -> None:
    """`execute`, with log messages here and in the run's log: for the process one looks at."""
    with logs.copied(RunDirectory(path).log_path):
        execute(path)


def execute_submitted(path: str, requeues: str) -> None:
    """`execute` as one task of a SLURM job, which goes back into the queue when it is asked to
    stop, at most `requeues` times; not where SLURM ends it already, as `scancel` lets it.

    Raises RuntimeError where a run that it starts from is not finished, and nobody is at it.
    """
    with listening():
        inside.export_ranks()
        directory = RunDirectory(path)
        logs.redirect(directory.log_of(_rank()))
        logs.to_stderr()
        try:
            _await_parents(directory)
            execute(path)
        except ClaimLost as lost:
            logger.error("%s", lost)
        except Interrupted as stop:
            logger.warning("%s", stop)
            if _rank() == 0:
                _requeue(directory, stop, int(requeues))


def execute(path: str) -> None:
    """Train and evaluate the run at `path` unless it is finished; its failure is recorded.

    Of several processes every one trains, and the first alone claims the directory and keeps its
    records.
    """
    directory = RunDirectory(Path(path).resolve())
    directory.meta()
    if directory.is_finished():
        logger.info("%s is finished", directory.path)
    elif _rank() != 0:
        _train_beside(directory)
    else:
        job, processes = inside.job_id(), int(os.environ.get("WORLD_SIZE", "1"))
        with directory.claim(job=job, processes=processes, code=_code(), over=_is_over) as claim:
            _train_and_record(directory, claim)


def _train_and_record(directory: RunDirectory, claim: Claim) -> None:
    if directory.is_finished():
        return
    directory.result_path.unlink(missing_ok=True)  # left by a run whose weights are lost
    directory.write_environment()
    try:
        _train(directory, claim)
    except Interrupted as stop:
        claim.end(_why(stop.signal))
        raise
    except ClaimLost:  # nothing may be written any more
        raise
    except Exception as error:
        claim.check()
        if (stop := asked()) and _excuses(stop):
            claim.end(_why(stop), str(error))
            raise Interrupted(stop) from error
        directory.fail(error)
        claim.end("failed")
        logger.exception("%s failed", directory.path)
        raise
    claim.end("finished")


def _train_beside(directory: RunDirectory) -> None:
    try:
        _train(directory, None)
    except (Interrupted, ClaimLost):
        raise
    except Exception as error:
        if (stop := asked()) and _excuses(stop):
            raise Interrupted(stop) from error
        directory.fail(error, rank=_rank())
        raise


def _train(directory: RunDirectory, claim: Claim | None) -> None:
    with at_once():
        from unify.runs.runner import run  # torch: only once something runs

    run(directory, claim)


def _excuses(stop: signal.Signals) -> bool:
    """Whether an error after this signal is not the run's own: it reaches all processes of a job.

    SIGTERM in a job that goes on running comes from srun, where another process of the run died.
    """
    if stop != signal.SIGTERM or inside.job_id() is None or inside.is_preempted():
        return True
    try:
        return inside.state() != "RUNNING"
    except queue.SlurmError:
        return False


def _why(stop: signal.Signals) -> str:
    """How an attempt that was asked to stop ended."""
    if inside.job_id() is None:
        return "stopped"
    if inside.is_preempted():
        return "preempted"
    if stop == signal.SIGTERM:
        return "stopped"
    return "timed out" if inside.seconds_left() < LAST_SECONDS else "preempted"


def _requeue(directory: RunDirectory, stop: Interrupted, limit: int) -> None:
    """Back into the queue, unless SLURM ends the job already or another process has failed."""
    try:
        if _state_in_time() != "RUNNING" or directory.failure():
            return
        if inside.restarts() < limit:
            queue.requeue(inside.job_id())
            return
        most = f"as many returns to the queue as the profile's `requeues` lets ({limit})"
        reason = f"{_why(stop.signal)}, after {most}"
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


def _is_over(job: str) -> bool:
    """Whether SLURM knows that a job has ended."""
    try:
        return not queue.is_active(job)
    except queue.SlurmError:
        return False


def _is_coming(run: RunDirectory) -> bool:
    """Whether a job for it waits or runs."""
    submitted = run.submission()
    try:
        return submitted is not None and queue.is_active(submitted["job"])
    except queue.SlurmError:
        return False


def _code() -> str:
    """The snapshot or the commit that this process runs."""
    state = code_state()
    return state.get("snapshot") or state["commit"]


def _rank() -> int:
    return int(os.environ.get("RANK", "0"))
