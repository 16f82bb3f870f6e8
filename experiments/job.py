"""One run, from its directory: what every executor, `run.py` and torchrun call."""

import logging
import os
from pathlib import Path

from experiments import logs
from unify.records import RunDirectory

logger = logging.getLogger(__name__)


def execute_logged(path: str) -> None:
    """`execute`, with all output in the run's log: for a process of its own."""
    logs.redirect(RunDirectory(path).log_path)
    logs.to_stderr()
    execute(path)


def execute_copied(path: str) -> None:
    """`execute`, with log messages here and in the run's log: for the process one looks at."""
    with logs.copied(RunDirectory(path).log_path):
        execute(path)


def execute(path: str) -> None:
    """Train and evaluate the run at `path` unless it is finished; its failure is recorded.

    Under torchrun every rank trains, and rank 0 alone claims the directory and keeps its records.
    """
    directory = RunDirectory(Path(path).resolve())
    directory.meta()
    if directory.is_finished():
        logger.info("%s is finished", directory.path)
    elif os.environ.get("RANK", "0") != "0":
        _train(directory)
    else:
        with directory.claim():
            _train_and_record(directory)


def _train_and_record(directory: RunDirectory) -> None:
    if directory.is_finished():
        return
    directory.clear_failure()
    directory.result_path.unlink(missing_ok=True)  # left by a run whose weights are lost
    directory.write_environment()
    try:
        _train(directory)
    except Exception as error:
        directory.fail(error)
        logger.exception("%s failed", directory.path)
        raise


def _train(directory: RunDirectory) -> None:
    from unify.runs.runner import run  # torch: only once something runs

    run(directory)
