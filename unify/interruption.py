"""Being asked to stop: a signal sets a flag, and the run stops where it can go on later."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

SIGNALS = (signal.SIGUSR2, signal.SIGTERM, signal.SIGINT)
"""SLURM sends the first before a time limit or a preemption, Ctrl-C the last."""

_first: signal.Signals | None = None
_raises = False


class Interrupted(Exception):
    """The run was asked to stop and can go on later; this is no failure.

    Nor is any other exception that leaves a run once `asked` has an answer: a signal to a whole
    job may end a process that the run leans on. Whoever records failures treats both alike.
    """

    def __init__(self, by: signal.Signals) -> None:
        super().__init__(by)
        self.signal = by

    def __str__(self) -> str:
        return f"asked to stop by {self.signal.name}"


class PeerFailed(RuntimeError):
    """Another process of this run has failed or was killed, so that this one cannot go on."""


@contextmanager
def listening() -> Iterator[None]:
    """Let SIGUSR2, SIGTERM and SIGINT do no more than set a flag, which is forgotten at the end; a
    second SIGINT raises KeyboardInterrupt. What a shell let the process ignore stays ignored.

    Outside the main thread, where Python sets no handlers, this does nothing.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    heard = [number for number in SIGNALS if signal.getsignal(number) != signal.SIG_IGN]
    before = {number: signal.signal(number, _note) for number in heard}
    try:
        yield
    finally:
        for number, action in before.items():
            signal.signal(number, signal.SIG_DFL if action is None else action)
        _forget()


@contextmanager
def at_once() -> Iterator[None]:
    """Let a signal raise Interrupted where it finds the process: for what takes long and leaves
    nothing behind, such as imports."""
    global _raises
    check()
    _raises = True
    try:
        yield
    finally:
        _raises = False


def asked() -> signal.Signals | None:
    """The first signal that came while listening, or None."""
    return _first


def check() -> None:
    """Raise Interrupted where the process was asked to stop."""
    if _first is not None:
        raise Interrupted(_first)


def _note(number: int, frame: object) -> None:
    global _first
    if _first == number == signal.SIGINT:
        raise KeyboardInterrupt
    _first = _first or signal.Signals(number)
    if _raises:
        raise Interrupted(_first)


def _forget() -> None:
    global _first
    _first = None
