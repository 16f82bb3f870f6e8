"""Follows runs that jobs of a cluster see to."""

import time
from collections.abc import Callable, Mapping, Sequence

from experiments.plan import PlannedRun
from experiments.standing import Queue, Standing, standing

LOOK_SECONDS = 1.0
"""Between looks at the run directories."""
MOST_LOOKS = 16
"""Between two questions to SLURM: 1 after a change, then twice as many each time."""
SETTLE_SECONDS = 30.0
"""Until a run without job is given up: what another node has written may be seen late."""


class Follower:
    """The state of each run, until nothing sees to any of them."""

    def __init__(self, runs: Sequence[PlannedRun]) -> None:
        self._runs = runs
        self._gone: dict[str, float] = {}
        self.status: dict[str, str] = {run.signature: "queued" for run in runs}
        """Signature -> `done`, `failed`, `blocked`, or what `standing` says."""
        self.notes: dict[str, str] = {}
        """Signature -> what explains the state."""
        self.errors: dict[str, str] = {}

    @property
    def active(self) -> bool:
        """Whether anything may still change."""
        return not set(self.status.values()) <= {"done", "failed", "blocked"}

    def run(self, tick: Callable[[Mapping[str, str], Mapping[str, str]], None]) -> None:
        """Look again and again; `tick` is called with the status and the notes after each look."""
        looks = 1
        while self.active:
            queue = Queue(self._runs)
            looks = 1 if self._follow(queue, looks, tick) else min(2 * looks, MOST_LOOKS)

    def _follow(self, queue: Queue, looks: int, tick: Callable) -> bool:
        """Look until something changes, so many times at most; whether it did."""
        before = dict(self.status)
        for _ in range(looks):
            for run in (run for run in self._runs if self.status[run.signature] != "done"):
                self._take(run.signature, standing(run, queue), known=not queue.problem)
            tick(self.status, self.notes)
            if not self.active or self.status != before:
                return True
            time.sleep(LOOK_SECONDS)
        return False

    def _take(self, key: str, found: Standing, *, known: bool) -> None:
        self.notes[key] = found.note
        if found.state == "finished":
            self.status[key] = "done"
        elif found.active or found.state == "blocked":
            self.status[key] = found.state
            self._gone.pop(key, None)
        elif found.state in ("failed", "damaged") or (known and self._is_settled(key)):
            self.status[key] = "failed"
            self.errors[key] = f"{found.state}: {found.note}" if found.note else found.state

    def _is_settled(self, key: str) -> bool:
        since = self._gone.setdefault(key, time.monotonic())
        return time.monotonic() - since > SETTLE_SECONDS
