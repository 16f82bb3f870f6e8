"""Processes that we started, and those that they started in turn."""

import os
import signal
from pathlib import Path


def descendants(pid: int) -> list[int]:
    """All living processes below `pid`, parents first."""
    found = []
    for child in _children(pid):
        found += [child, *descendants(child)]
    return found


def kill_tree(pid: int) -> None:
    """SIGKILL for `pid` and everything below it."""
    for victim in [pid, *descendants(pid)]:
        try:
            os.kill(victim, signal.SIGKILL)
        except ProcessLookupError:
            continue


def _children(pid: int) -> list[int]:
    try:
        threads = list(Path(f"/proc/{pid}/task").iterdir())
        return [int(c) for t in threads for c in (t / "children").read_text().split()]
    except (FileNotFoundError, ProcessLookupError):
        return []
