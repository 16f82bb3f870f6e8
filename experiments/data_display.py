"""How far `data.py prepare` is."""

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Protocol

SECONDS_PER_LINE = 30


class Display(Protocol):
    """What shows the progress."""

    def advance(self, clips: int, lost: int) -> None:
        """So many more clips are through, and so many of all are lost."""


@contextmanager
def display(kept: int, todo: int) -> Iterator[Display]:
    """A progress bar on a terminal, else a line now and then."""
    if not sys.stdout.isatty():
        yield _Lines(kept, todo)
        return
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns: Iterable = (
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(),
    )  # fmt: skip
    with Progress(*columns) as progress:
        yield _Bar(progress, kept, todo)


class _Bar:
    def __init__(self, progress, kept: int, todo: int) -> None:
        self._progress = progress
        self._task = progress.add_task("clips", total=kept + todo, completed=kept)

    def advance(self, clips: int, lost: int) -> None:
        words = f"clips ({lost} lost)" if lost else "clips"
        self._progress.update(self._task, advance=clips, description=words)


class _Lines:
    def __init__(self, kept: int, todo: int) -> None:
        self._done, self._total, self._start = kept, kept + todo, monotonic()
        self._said = self._start
        if kept:
            print(f"{kept} of {self._total} clips are there and kept", flush=True)

    def advance(self, clips: int, lost: int) -> None:
        self._done += clips
        if monotonic() - self._said > SECONDS_PER_LINE:
            self._said = monotonic()
            print(f"{self._done} of {self._total} clips, {lost} lost", flush=True)
