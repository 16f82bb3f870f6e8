"""One run, from its directory: what every executor, `run.py` and torchrun call."""

import logging
import os
import signal
from pathlib import Path

from experiments import logs
from slurm import inside, queue
from unify.attempts import Claim, ClaimLost
from unify.code_state import code_state
from unify.files import remove_dead_drafts
from unify.interruption import Interrupted, PeerFailed, asked, at_once, listening
from unify.records import RunDirectory

logger = logging.getLogger(__name__)

LAST_SECONDS = 600
"""A job that is asked to stop so shortly before its time limit has reached it."""


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


def execute(path: str) -> None:
    """Train and evaluate the run at `path` unless it is finished; its failure is recorded.

    Of several processes every one trains, and the first alone claims the directory and keeps its
    records.
    """
    directory = RunDirectory(Path(path).resolve())
    directory.meta()
    if directory.is_finished():
        logger.info("%s is finished", directory.path)
    elif rank() != 0:
        _train_beside(directory)
    else:
        job, processes = inside.job_id(), int(os.environ.get("WORLD_SIZE", "1"))
        with directory.claim(job=job, processes=processes, code=_code(), over=_is_over) as claim:
            _train_and_record(directory, claim)


def _train_and_record(directory: RunDirectory, claim: Claim) -> None:
    if directory.is_finished():
        return
    remove_dead_drafts(directory.path)
    directory.result_path.unlink(missing_ok=True)  # left by a run whose weights are lost
    directory.write_environment()
    try:
        _train(directory, claim)
    except Interrupted as stop:
        claim.end(ending(stop.signal))
        raise
    except ClaimLost:  # nothing may be written any more
        raise
    except Exception as error:
        claim.check()
        if (stop := asked()) and _excuses(stop, error):
            claim.end(ending(stop), str(error))
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
        if (stop := asked()) and _excuses(stop, error):
            raise Interrupted(stop) from error
        directory.fail(error, rank=rank())
        raise


def _train(directory: RunDirectory, claim: Claim | None) -> None:
    with at_once():
        from unify.runs.runner import run  # torch: only once something runs

    run(directory, claim)


def _excuses(stop: signal.Signals, error: Exception) -> bool:
    """Whether an error after this signal is not the run's own: it reaches all processes of a job.

    SIGTERM in a job that goes on running comes from srun, and outside SLURM from torchrun, where
    another process of the run died.
    """
    if inside.job_id() is None:
        return not isinstance(error, PeerFailed)
    if stop != signal.SIGTERM or inside.is_preempted():
        return True
    try:
        return inside.state() != "RUNNING"
    except queue.SlurmError:
        return False


def ending(stop: signal.Signals) -> str:
    """How an attempt that was asked to stop ended."""
    if inside.job_id() is None:
        return "stopped"
    if inside.is_preempted():
        return "preempted"
    if stop == signal.SIGTERM:
        return "stopped"
    return "timed out" if inside.seconds_left() < LAST_SECONDS else "preempted"


def _is_over(job: str) -> bool:
    """Whether SLURM knows that a job has ended."""
    try:
        return not queue.is_active(job)
    except queue.SlurmError:
        return False


def _code() -> str:
    """The snapshot or the commit that this process runs."""
    state = code_state()
    return state.get("snapshot") or state["commit"]


def rank() -> int:
    """This process's number among those of the run."""
    return int(os.environ.get("RANK", "0"))
