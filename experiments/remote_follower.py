"""Follows commands in jobs of a cluster: from what they write first, then from SLURM's queue."""

import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from experiments.follower import LOOK_SECONDS, MOST_LOOKS, SETTLE_SECONDS
from experiments.remote_job import log_of
from experiments.standing import ENDINGS
from slurm.queue import QueuedJob, SlurmError, jobs
from unify.files import read_json

FINAL = {"CANCELLED", "OUT_OF_MEMORY", "TIMEOUT"}
"""States after which no outcome is to be expected any more."""


@dataclass(frozen=True)
class Ending:
    """How a command ended."""

    code: int
    note: str = ""
    """In place of a word of its own."""


class Follower:
    """The state of each command, until all have ended."""

    def __init__(
        self, outcomes: Mapping[str, Path], ids: Mapping[str, str], submission: Path
    ) -> None:
        self._outcomes, self._ids, self._submission = outcomes, ids, submission
        self._queue: Mapping[str, QueuedJob] = {}
        self._problem = self._said = ""
        self._gone: dict[str, float] = {}
        self.endings: dict[str, Ending] = {}

    @property
    def active(self) -> bool:
        """Whether any command may still go on."""
        return len(self.endings) < len(self._outcomes)

    def run(self, say: Callable[[str], None]) -> None:
        """Look again and again; `say` is called with each new state of things."""
        looks = 1
        while self.active:
            self._ask()
            looks = 1 if self._follow(looks, say) else min(2 * looks, MOST_LOOKS)

    def _follow(self, looks: int, say: Callable[[str], None]) -> bool:
        """Look until something changes, so many times at most; whether it did."""
        for _ in range(looks):
            self._look()
            if not self.active:
                return True
            if (text := self._text()) != self._said:
                say(text)
                self._said = text
                return True
            time.sleep(LOOK_SECONDS)
        return False

    def _ask(self) -> None:
        try:
            self._queue, self._problem = jobs(), ""
        except SlurmError as error:
            self._problem = str(error)

    def _look(self) -> None:
        for key, path in self._outcomes.items():
            if key in self.endings:
                continue
            if outcome := read_json(path):
                self.endings[key] = Ending(outcome["code"])
            elif not self._problem:
                self._doubt(key, self._queue.get(self._ids[key]))

    def _doubt(self, key: str, job: QueuedJob | None) -> None:
        """Give up a command without job; what another node has written may be seen late."""
        if job and job.active:
            self._gone.pop(key, None)
            return
        since = self._gone.setdefault(key, time.monotonic())
        if (job and job.state in FINAL) or time.monotonic() - since > SETTLE_SECONDS:
            self.endings[key] = Ending(1, self._last_word(key, job))

    def _last_word(self, key: str, job: QueuedJob | None) -> str:
        state = ENDINGS.get(job.state, job.state) if job else "no longer in the queue"
        log = log_of(self._outcomes[key])
        if not log.exists():  # it never began
            log = self._submission / f"{self._ids[key]}_0_log.out"
        return f"{key} ended without a word: {state} (job {self._ids[key]}); log: {log}"

    def _text(self) -> str:
        states = Counter(self._state(key) for key in self._outcomes)
        text = ", ".join(f"{count} {state}" for state, count in states.items())
        return f"{text}; SLURM: {self._problem}" if self._problem else text

    def _state(self, key: str) -> str:
        if key in self.endings:
            return "ended"
        job = self._queue.get(self._ids[key])
        if job is None:
            return "ending"
        if job.state != "PENDING":
            return job.state.lower()
        return "queued" if job.reason == "None" else f"queued ({job.reason})"
