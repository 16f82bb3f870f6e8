"""Executors: ways to start a task."""

import os
import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from slurm.processes import kill_tree
from slurm.task import Executor, Job, Slot, Task

TIMEOUT_MINUTES = 48 * 60
"""submitit ends local jobs after this time; its own default is minutes."""


def debug(task: Task, slot: Slot) -> Job:
    """Run the task in this process, at once; an exception becomes the job's error."""
    try:
        task.function(*task.arguments)
    except Exception as error:
        return EndedJob(f"{type(error).__name__}: {error}")
    return EndedJob(None)


def local(task: Task, slot: Slot) -> Job:
    """Start the task in a process of its own on this machine, through submitit."""
    import submitit  # not before something runs

    executor = submitit.AutoExecutor(folder=task.folder, cluster="local")
    executor.update_parameters(timeout_min=TIMEOUT_MINUTES, stderr_to_stdout=True)
    with _environment({"PYTHONPATH": _python_path(), **slot}), _without_ctrl_c():
        job = executor.submit(_call, dict(slot), task.function, task.arguments)
    return LocalJob(job)


EXECUTORS: dict[str, Executor] = {"debug": debug, "local": local}
"""Executors on this machine, by name."""


class EndedJob:
    """A job that ended as soon as it was started."""

    def __init__(self, error: str | None) -> None:
        self._error = error

    def done(self) -> bool:
        """Always."""
        return True

    def error(self) -> str | None:
        """Why it failed, or None."""
        return self._error

    def stop(self) -> None:
        """Nothing is left to stop."""

    def kill(self) -> None:
        """Nothing is left to kill."""


class LocalJob:
    """A submitit job on this machine; its controller process started the task's process."""

    def __init__(self, job: Any) -> None:
        self._job = job
        self._pid = int(job.job_id)

    def done(self) -> bool:
        """Whether the controller has ended."""
        return self._job.done()

    def error(self) -> str | None:
        """The exception's last line; a job without any result was ended from outside."""
        if not self._job.paths.result_pickle.exists():
            return "the process ended without a result (killed, or out of memory?)"
        failure = self._job.exception()
        return _reason(str(failure)) if failure else None

    def stop(self) -> None:
        """SIGTERM; the controller passes it on."""
        if not self.done():
            os.kill(self._pid, signal.SIGTERM)

    def kill(self) -> None:
        """SIGKILL for the controller and all that it started."""
        if not self.done():
            kill_tree(self._pid)


def _call(environment: Mapping[str, str], function: Callable[..., object], arguments: Any) -> None:
    """The job's side: undo what submitit sets for itself, then call."""
    os.environ.update(environment)  # submitit has emptied CUDA_VISIBLE_DEVICES
    signal.signal(signal.SIGTERM, _leave)  # submitit ignores it
    function(*arguments)


def _leave(number: int, frame: object) -> None:
    raise SystemExit(128 + number)


def _reason(trace: str) -> str:
    """The exception's own line in submitit's text around a traceback."""
    body = trace.partition("-" * 22 + "\n")[2].partition("\n" + "-" * 22)[0]
    lines = (body or trace).strip().splitlines()
    return lines[-1] if lines else "failed"


def _python_path() -> str:
    """Let the job import what this process imports from the repository."""
    root = str(Path(__file__).resolve().parents[1])
    return os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH", "")]))


@contextmanager
def _environment(values: Mapping[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.update(values)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


@contextmanager
def _without_ctrl_c() -> Iterator[None]:
    """Processes started here never see Ctrl-C: the launcher alone decides how they end."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
