"""Who is at a run: a numbered file for each of its lives, and a heartbeat while one lasts.

A number is taken once (O_EXCL), so of two that start at once, on whatever hosts, one wins. Who
finds a later number than its own has lost the run and must leave its files alone.
"""

import logging
import math
import os
import re
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import Any

from pydantic import TypeAdapter

from unify import interruption
from unify.damage import fields_problem
from unify.files import create_json, read_json, write_json
from unify.reasons import reason

BEAT_SECONDS = 15.0
LOST_SECONDS = 120.0
"""After so long without a heartbeat a holder on another host counts as dead."""
LOOK_SECONDS = 0.5
"""Time between two looks at another holder's heartbeat."""
LEAVE_SECONDS = 5.0
"""How long the end of a claim waits for a heartbeat that a file system holds up."""
NAME = re.compile(r"([0-9]+)\.json")
NO_BEAT = "no heartbeat, so that other machines may take this run for dead: %s"
BEAT = {"attempt": int, "time": int | float}
"""What a heartbeat says."""

log = logging.getLogger(__name__)


class Held(Exception):
    """Somebody else is at the run; the message says who."""


class ClaimLost(Exception):
    """Another process has taken the run over; nothing more may be written."""


@dataclass(frozen=True, kw_only=True)
class Holder:
    """Who wants a run."""

    host: str = field(default_factory=socket.gethostname)
    pid: int = field(default_factory=os.getpid)
    job: str | None = None
    """Its SLURM job."""
    processes: int = 1
    code: str = ""
    """Snapshot or commit that it runs."""

    def __str__(self) -> str:
        place = f"process {self.pid} on {self.host}"
        return f"{place} (job {self.job})" if self.job else place


@dataclass(frozen=True, kw_only=True)
class Attempt(Holder):
    """One life of a run."""

    number: int
    started: float = 0.0
    """Seconds since 1970, as `ended_at`."""
    ended: str | None = None
    """How, in a word or two; None while it lasts, and for one that was killed."""
    ended_at: float | None = None
    note: str = ""


class Attempts:
    """The lives of the run in a folder: `attempts/0001.json` and up, and `heartbeat.json`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "attempts"
        self._heartbeat = folder / "heartbeat.json"

    def last(self) -> Attempt | None:
        """The newest one, ended or not."""
        try:
            names = [path.name for path in self._folder.iterdir()]
        except OSError:
            names = []
        numbers = [int(found[1]) for found in map(NAME.fullmatch, names) if found]
        return self._read(max(numbers)) if numbers else None

    def silence(self) -> float | None:
        """Seconds since the newest attempt's last sign of life; None where it gave none."""
        last, beat = self.last(), self._beat()
        if last is None or beat.get("attempt") != last.number:
            return None
        return max(0.0, time.time() - beat["time"])

    def claim(self, holder: Holder, over: Callable[[str], bool] = lambda job: False) -> "Claim":
        """Begin the next attempt; with the run's lock in hand, if locks reach the other hosts.

        Looks at the heartbeat of an attempt that has not ended, unless the lock or SLURM says that
        it is dead: it was on this host, or in an earlier life of this job, or its job is `over`.

        Raises:
            Held: if it beats.
            Interrupted: if this process is asked to stop while it looks.
        """
        while True:
            last = self.last()
            if last and not _is_dead(last, holder, over) and self._beats_on(last):
                raise Held(str(self.last()))  # `last` may have been read too early to name it
            number = last.number + 1 if last else 1
            new = Attempt(number=number, started=time.time(), **_fields(holder))
            if self.last() == last and create_json(self._path(number), asdict(new)):
                return Claim(self, new)
            interruption.check()
            time.sleep(LOOK_SECONDS)

    def beats_elsewhere(self, host: str) -> bool:
        """Whether an attempt on another host gave a sign of life within LOST_SECONDS.

        Compares times of two hosts, so it serves for what is shown, not for taking a run over.
        """
        beat = self._beat()
        if not abs(time.time() - beat.get("time", math.inf)) <= LOST_SECONDS:
            return False
        last = self.last()
        if last is None or last.number != beat.get("attempt"):
            return False
        return last.ended is None and last.host != host

    def exists(self, number: int) -> bool:
        """Whether this number is taken, as far as the file system can tell now."""
        try:
            return self._path(number).exists()
        except OSError:
            return False

    def write(self, attempt: Attempt) -> None:
        """Replace what is said of an attempt."""
        write_json(self._path(attempt.number), asdict(attempt))

    def beat(self, number: int, count: int) -> None:
        """Say that an attempt lives."""
        write_json(self._heartbeat, {"attempt": number, "beat": count, "time": time.time()})

    def _beats_on(self, attempt: Attempt) -> bool:
        """Watch by this host's clock alone; False once LOST_SECONDS have passed without a beat, or
        the attempt is no longer the newest or has ended."""
        before = self._beat()
        limit = time.monotonic() + LOST_SECONDS
        while time.monotonic() < limit and self.last() == attempt:
            interruption.check()
            time.sleep(LOOK_SECONDS)
            now = self._beat()
            if now != before and now.get("attempt") == attempt.number:
                return True
        return False

    def _beat(self) -> dict[str, Any]:
        """The last heartbeat; empty where there is none that can be read."""
        try:
            beat = read_json(self._heartbeat)
        except (OSError, ValueError):
            return {}
        return {} if fields_problem(beat, BEAT) else beat

    def _path(self, number: int) -> Path:
        return self._folder / f"{number:04d}.json"

    def _read(self, number: int) -> Attempt:
        """An attempt; of one that is just being written, or damaged, the number alone."""
        try:
            stored = _ATTEMPT.validate_python(read_json(self._path(number)))
        except (OSError, ValueError):
            return Attempt(number=number, host="an unknown host", pid=0)
        return replace(stored, number=number)


class Claim:
    """The right to write a run's files: as a context it beats, and says in the end how it ended."""

    def __init__(self, attempts: Attempts, attempt: Attempt) -> None:
        self.attempt = attempt
        self._attempts = attempts
        self._over = threading.Event()
        self._lost = False
        self._missed = False
        self._told: list[str] = []

    @property
    def lost(self) -> bool:
        """Whether somebody has taken the run over."""
        self._lost = self._lost or self._attempts.exists(self.attempt.number + 1)
        return self._lost

    def check(self) -> None:
        """Raise ClaimLost where somebody has taken the run over."""
        if self.lost:
            raise ClaimLost(f"{self._attempts.last()} has taken the run over from {self.attempt}")

    def tell(self, warning: str) -> None:
        """Let the attempt's note have what a person should know."""
        self._told.append(warning)

    def end(self, word: str, note: str = "") -> None:
        """Say at once how the attempt ended, if it can be written; a lost one stays as it is."""
        if self.lost:
            return
        self.attempt = replace(self.attempt, ended=word, ended_at=time.time(), note=note)
        self.attempt = replace(self.attempt, note="; ".join(filter(None, [*self._told, note])))
        try:
            self._attempts.write(self.attempt)
        except OSError as error:
            log.warning("how the attempt ended is not on record: %s", reason(error))

    def __enter__(self) -> "Claim":
        self._beat(0)
        self._thread = threading.Thread(target=self._beat_on, name="heartbeat", daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType
    ) -> None:
        self._over.set()
        self._thread.join(LEAVE_SECONDS)
        if self.attempt.ended is None:
            self.end("stopped" if kind else "finished")

    def _beat_on(self) -> None:
        count = 0
        while not self._over.wait(BEAT_SECONDS) and not self.lost:
            count += 1
            self._beat(count)

    def _beat(self, count: int) -> None:
        """One that cannot be written is missed, not fatal; it is said once."""
        try:
            self._attempts.beat(self.attempt.number, count)
        except OSError as error:
            log.log(logging.DEBUG if self._missed else logging.WARNING, NO_BEAT, reason(error))
            self._missed = True


def _is_dead(last: Attempt, holder: Holder, over: Callable[[str], bool]) -> bool:
    """What is known without looking: the lock ends with its holder, and a job lives once."""
    if last.ended or last.host == holder.host:
        return True
    return last.job is not None and (last.job == holder.job or over(last.job))


def _fields(holder: Holder) -> dict[str, Any]:
    return {name: getattr(holder, name) for name in Holder.__dataclass_fields__}


_ATTEMPT = TypeAdapter(Attempt)
