"""All processes of a trial, however they were started: they carry its mark."""

import os
import signal
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

MARK = "FAULT_TRIAL"
"""Environment variable that all processes of a trial inherit."""


def variables(pid: int) -> dict[str, str]:
    """The environment that a process was started with; empty once it has ended."""
    try:
        raw = Path(f"/proc/{pid}/environ").read_bytes()
    except OSError:
        return {}
    pairs = (item.partition("=") for item in raw.decode("utf-8", "replace").split("\0"))
    return {name: value for name, _, value in pairs}


def marked(mark: str) -> list[int]:
    """Living processes of a trial."""
    return [pid for pid in _processes() if _mark(pid) == mark]


def end_below(folder: Path) -> None:
    """SIGKILL for all processes of the trials in a folder."""
    while marks := {_mark(pid) for pid in _processes()} & set(map(str, folder.iterdir())):
        for mark in marks:
            send(freeze(mark), signal.SIGKILL)


def script_of(pid: int) -> str:
    """The name of the Python script that a process runs; empty where it runs none."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().decode("utf-8", "replace").split("\0")
    except OSError:
        return ""
    return next((Path(word).name for word in words if word.endswith(".py")), "")


def send(pids: Iterable[int], number: signal.Signals) -> None:
    """A signal to each, whether it still lives or not."""
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)


def freeze(mark: str) -> list[int]:
    """Stop all processes of a trial where they are, also those they are just starting."""
    frozen: set[int] = set()
    while new := set(marked(mark)) - frozen:
        send(new, signal.SIGSTOP)
        frozen |= new
    return sorted(frozen)


def _processes() -> list[int]:
    return [int(name) for name in os.listdir("/proc") if name.isdecimal()]


def _mark(pid: int) -> str | None:
    return variables(pid).get(MARK)
