"""Processes that help this one: they end when it wants, not by a signal to a whole job."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import resource_tracker
from multiprocessing.context import BaseContext, SpawnContext, SpawnProcess
from multiprocessing.popen_spawn_posix import Popen
from multiprocessing.process import BaseProcess

from unify.interruption import SIGNALS


def helpers() -> BaseContext:
    """A context for `multiprocessing`, whose processes never hear SIGUSR2 and SIGTERM.

    SLURM signals all processes of a job, and SIGUSR2 ends one that knows nothing of it. What
    multiprocessing would end with SIGTERM is ended with SIGKILL: so a helper must not do what
    cannot be broken off.
    """
    with _blocked():
        resource_tracker.ensure_running()  # multiprocessing's own helper, started once
    return _Context()


class _Popen(Popen):
    def _launch(self, process_obj: BaseProcess) -> None:
        with _blocked():
            super()._launch(process_obj)

    def terminate(self) -> None:
        self.kill()


class _Process(SpawnProcess):
    @staticmethod
    def _Popen(process_obj: BaseProcess) -> Popen:
        return _Popen(process_obj)


class _Context(SpawnContext):
    Process = _Process


@contextmanager
def _blocked() -> Iterator[None]:
    """New processes inherit what is blocked; what comes to this thread waits."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
