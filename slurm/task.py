"""What is to be run, and a handle on what runs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, kw_only=True)
class Task:
    """A call of an importable function with text arguments, so that any process can make it."""

    key: str
    """Unique among the tasks that are run together."""
    function: Callable[..., object]
    """Imported by name in the job's process."""
    arguments: tuple[str, ...]
    """Passed to `function`."""
    folder: Path
    """Where the executor keeps its files."""
    needs: frozenset[str] = frozenset()
    """Keys of tasks that must be done before this one starts."""


class Job(Protocol):
    """A started task."""

    def done(self) -> bool:
        """Whether it has ended, well or not."""

    def error(self) -> str | None:
        """Once it has ended: why it failed in one line, or None."""

    def stop(self) -> None:
        """Ask it to end soon."""

    def kill(self) -> None:
        """End it and all processes that it started."""


Slot = Mapping[str, str]
"""Environment variables of a job: its share of the machine (threads, devices)."""

Executor = Callable[[Task, Slot], Job]
"""Starts a task."""
