"""Train what a plan is missing on this machine."""

import os
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from experiments.display import Display
from experiments.job import execute_copied, execute_logged
from experiments.machine import slots
from experiments.plan import Plan, PlannedRun
from experiments.progress import failure_line
from experiments.snapshot import Snapshot
from slurm.executors import EXECUTORS
from slurm.pool import Pool
from slurm.task import Job, Slot, Task
from unify.reasons import reason

FULL_BYTES = 2**20
"""With less space than this, small files may fail."""
FUNCTIONS = {"debug": execute_copied, "local": execute_logged}
"""What a job calls: in a process of its own, all its output belongs to the run."""


def launch(plan: Plan, runs: Path, executor: str, jobs: int | None, display: Display) -> Pool:
    """Run everything that is missing, parents first; the pool tells how each run ended.

    Processes of their own run the code as it is now, whatever is edited meanwhile. A run that
    fails leaves the others alone. KeyboardInterrupt stops the running jobs first.
    """
    missing = plan.missing
    for run in missing:
        run.create()
    pool = _pool(missing, executor, _slots(missing, runs, executor, jobs))
    with _like_ctrl_c():
        pool.run(lambda pool: display.update(pool.status))
    display.update(pool.status)
    _record_failures(missing, pool)
    return pool


def retried(plan: Plan) -> list[str]:
    """A line for each run that failed before and is tried again."""
    failed = [run for run in plan.missing if run.directory.state() == "failed"]
    return [f"{run.name}: failed before ({failure_line(run)}); trying again" for run in failed]


def task_of(run: PlannedRun, function, *arguments: str) -> Task:
    """The call that trains a run: of `function`, with its directory and further arguments."""
    path = run.directory.path.resolve()
    return Task(
        key=run.signature,
        function=function,
        arguments=(str(path), *arguments),
        folder=path / "submitit",
        needs=frozenset(parent.signature for parent in run.parents.values()),
    )


def _slots(
    missing: tuple[PlannedRun, ...], runs: Path, executor: str, jobs: int | None
) -> list[dict[str, str]]:
    if executor == "debug" or not missing:
        return slots(1)
    snapshot = Snapshot(runs)
    snapshot.take()
    variables = snapshot.variables(os.environ.get("PYTHONPATH", ""))
    return [{**slot, **variables} for slot in slots(jobs)]


def _pool(missing: tuple[PlannedRun, ...], executor: str, free: list[dict[str, str]]) -> Pool:
    runs = {run.signature: run for run in missing}

    def start(task: Task, slot: Slot) -> Job:
        try:
            runs[task.key].directory.clear_failure()
            return EXECUTORS[executor](task, slot)
        except OSError as error:
            raise OSError(reason(error)) from error

    return Pool(
        [task_of(run, FUNCTIONS[executor]) for run in missing],
        executor=start,
        slots=free,
        finished=lambda task: runs[task.key].directory.is_finished(),
        held=lambda task: runs[task.key].directory.is_claimed(),
    )


def _record_failures(missing: tuple[PlannedRun, ...], pool: Pool) -> None:
    """A process that was killed, or whose disk was full, could not say so itself."""
    for run in missing:
        key = run.signature
        if pool.status[key] != "failed" or run.directory.failure_path.exists():
            continue
        if full := _is_full(run.directory.path):
            pool.errors[key] = full
        else:
            run.directory.fail(RuntimeError(pool.errors[key]))


def _is_full(folder: Path) -> str:
    """What is to be said of a run whose disk has no space; nothing of others."""
    try:
        if shutil.disk_usage(folder).free >= FULL_BYTES:
            return ""
    except OSError:
        return ""
    return f"no space is left at {folder}; free some and run the same command again"


@contextmanager
def _like_ctrl_c() -> Iterator[None]:
    """Let SIGTERM and a closed terminal stop the sweep as Ctrl-C does; not what `nohup` ignores."""
    heard = [n for n in (signal.SIGTERM, signal.SIGHUP) if signal.getsignal(n) != signal.SIG_IGN]
    before = {number: signal.signal(number, signal.default_int_handler) for number in heard}
    try:
        yield
    finally:
        for number, action in before.items():
            signal.signal(number, action)
