"""What the terminal shows while runs are trained."""

import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from experiments.plan import Plan, PlannedRun
from experiments.progress import duration, number, read_progress

if TYPE_CHECKING:
    from rich.table import Table

FRAMES_PER_SECOND = 4
FRAME_LINES = 6
"""Title, header, rules and caption around the rows."""

STYLES = {
    "running": "cyan",
    "done": "green",
    "failed": "red",
    "blocked": "yellow",
    "stalled": "yellow",
}
NOTHING: Mapping[str, str] = {}
PENDING = ("waiting", "queued", "starting", "ending", "submitted")
"""Not begun yet, or not again."""
ENDED = ("done", "failed", "blocked")


class Display(Protocol):
    """Shows the state of all runs; called often."""

    def update(self, status: Mapping[str, str], notes: Mapping[str, str] = NOTHING) -> None:
        """`status`: signature -> state, for runs that were not finished at the start; `notes`:
        what explains it."""


@contextmanager
def display(plan: Plan, lines: bool = False) -> Iterator[Display]:
    """A live table on a terminal; one line per change elsewhere, or where `lines` is set."""
    if lines or not sys.stdout.isatty():
        yield Lines(plan)
        return
    from rich.live import Live  # not before there is something to show

    with Live(refresh_per_second=FRAMES_PER_SECOND) as live:
        table = LiveTable(plan, live.update, height=live.console.height)
        yield table
        table.draw()


class Lines:
    """One line whenever a run changes its state."""

    def __init__(self, plan: Plan) -> None:
        self._runs = {run.signature: run for run in plan.everything}
        self._seen: dict[str, str] = {}

    def update(self, status: Mapping[str, str], notes: Mapping[str, str] = NOTHING) -> None:
        """Print what has changed."""
        for key, state in status.items():
            if self._seen.get(key, "waiting") != state:
                ended = sum(s in ENDED for s in status.values())
                note = f" ({notes[key]})" if notes.get(key) else ""
                print(f"[{ended}/{len(status)}] {self._runs[key].name}: {state}{note}", flush=True)
            self._seen[key] = state


class LiveTable:
    """A row per run, with a progress bar; of more runs than lines, those that run or failed."""

    def __init__(self, plan: Plan, show, height: int) -> None:
        self._plan = plan
        self._show = show
        self._height = height - FRAME_LINES
        self._status: dict[str, str] = {}
        self._notes: dict[str, str] = {}
        self._drawn = 0.0

    def update(self, status: Mapping[str, str], notes: Mapping[str, str] = NOTHING) -> None:
        """Draw again, a few times a second."""
        self._status, self._notes = dict(status), dict(notes)
        if time.monotonic() - self._drawn > 1 / FRAMES_PER_SECOND:
            self._drawn = time.monotonic()
            self.draw()

    def draw(self) -> None:
        """Draw now."""
        self._show(self._table())

    def _table(self) -> "Table":
        from rich.table import Table

        title = f"{self._plan.sweep.name} ({self._plan.preset})"
        counts = Counter(self._state(run) for run in self._plan.everything)
        caption = ", ".join(f"{count} {state}" for state, count in counts.items())
        header = ("run", "state", "phase", "", "step", "loss", "step/s", "ETA")
        header = (*header, "note") if self._notes else header
        table = Table(*header, title=title, caption=caption)
        for run in self._shown():
            table.add_row(*self._row(run))
        return table

    def _shown(self) -> list[PlannedRun]:
        runs = list(self._plan.everything)
        if len(runs) <= self._height:
            return runs
        return [run for run in runs if self._state(run) not in (*PENDING, "done")]

    def _state(self, run: PlannedRun) -> str:
        """Runs that were finished at the start are done."""
        return self._status.get(run.signature, "done")

    def _row(self, run: PlannedRun) -> list[object]:
        from rich.progress_bar import ProgressBar
        from rich.text import Text

        state = self._state(run)
        word = Text(state, style=STYLES.get(state, ""))
        note = [self._notes[run.signature]] if self._notes.get(run.signature) else []
        if state not in ("running", "stalled"):
            return [run.name, word, *([""] * 6 if note else []), *note]
        now = read_progress(run)
        bar = ProgressBar(total=max(now.total, 1), completed=now.step, width=20)
        speed = [number(now.loss, 3), number(now.rate, 1), duration(now.eta)]
        return [run.name, word, now.phase, bar, now.place, *speed, *note]
