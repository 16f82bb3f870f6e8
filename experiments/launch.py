"""Train what a plan is missing."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager

from experiments.display import Display
from experiments.job import execute_copied, execute_logged
from experiments.machine import slots
from experiments.plan import Plan, PlannedRun
from experiments.progress import failure_line
from slurm.executors import EXECUTORS
from slurm.pool import Pool
from slurm.task import Job, Slot, Task

FUNCTIONS = {"debug": execute_copied, "local": execute_logged}
"""What a job calls: in a process of its own, all its output belongs to the run."""


def launch(plan: Plan, executor: str, jobs: int | None, display: Display) -> Pool:
    """Run everything that is missing, parents first; the pool tells how each run ended.

    A run that fails leaves the others alone. KeyboardInterrupt stops the running jobs first.
    """
    missing = plan.missing
    for run in missing:
        run.create()
    pool = _pool(missing, executor, jobs)
    with _ctrl_c_for_sigterm():
        pool.run(lambda pool: display.update(pool.status))
    display.update(pool.status)
    _record_failures(missing, pool)
    return pool


def retried(plan: Plan) -> list[str]:
    """A line for each run that failed before and is tried again."""
    failed = [run for run in plan.missing if run.directory.state() == "failed"]
    return [f"{run.name}: failed before ({failure_line(run)}); trying again" for run in failed]


def _pool(missing: tuple[PlannedRun, ...], executor: str, jobs: int | None) -> Pool:
    runs = {run.signature: run for run in missing}

    def start(task: Task, slot: Slot) -> Job:
        runs[task.key].directory.clear_failure()
        return EXECUTORS[executor](task, slot)

    return Pool(
        [_task(run, executor) for run in missing],
        executor=start,
        slots=slots(1 if executor == "debug" else jobs),
        finished=lambda task: runs[task.key].directory.is_finished(),
        held=lambda task: runs[task.key].directory.is_claimed(),
    )


def _task(run: PlannedRun, executor: str) -> Task:
    path = run.directory.path.resolve()
    return Task(
        key=run.signature,
        function=FUNCTIONS[executor],
        arguments=(str(path),),
        folder=path / "submitit",
        needs=frozenset(parent.signature for parent in run.parents.values()),
    )


def _record_failures(missing: tuple[PlannedRun, ...], pool: Pool) -> None:
    """A process that was killed could not say so itself."""
    for run in missing:
        if pool.status[run.signature] == "failed" and not run.directory.failure():
            run.directory.fail(RuntimeError(pool.errors[run.signature]))


@contextmanager
def _ctrl_c_for_sigterm() -> Iterator[None]:
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
