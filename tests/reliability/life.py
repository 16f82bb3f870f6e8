"""One life of a command: a real process that is watched, and ends by itself or by a fault."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from reliability.marks import MARK, freeze, marked, send

PHASES = (
    "start",
    "data",
    "warm start",
    "stage 1",
    "switch",
    "stage 2",
    "checkpoint",
    "evaluation",
    "result",
)
"""Of a sweep with one training, in their order (checkpoints come in both stages)."""
GROUNDING, STEPS, CHECKPOINT_EVERY = 9, 30, 4
SETTINGS = (
    "--preset",
    "smoke",
    "--set",
    "plan.epoch_steps=3",
    f"engine.checkpoint_every={CHECKPOINT_EVERY}",
)
"""The smoke preset with GROUNDING of STEPS steps in stage 1, so that there is time for faults."""
LOOK_SECONDS = 0.004
LONGEST = 180.0
"""Seconds after which a command counts as hanging."""
VOICES = ("run.py: ", "sweep.py: ", "failed: ", "stopped; ")
"""What the lines begin with that tell a user how a command ended."""


class Astray(Exception):
    """A command that does not end, or never comes to where a fault was to meet it."""


class Missed(Exception):
    """The command was past the moment before the fault could strike: the try is made again."""


class Life:
    """A command in the folder of a trial, from its start on; all output goes to files."""

    def __init__(
        self, folder: Path, number: int, command: Sequence[str], variables: Mapping[str, str]
    ) -> None:
        self.folder = folder
        self.started = time.time()
        self.least = STEPS
        """Fewest rows that were seen since the life wrote any: where its training began."""
        self._out, self._err = (folder / f"{name}-{number}.txt" for name in ("stdout", "stderr"))
        environment = {**os.environ, "OMP_NUM_THREADS": "1", MARK: str(folder), **variables}
        with self._out.open("wb") as out, self._err.open("wb") as err:
            self.process = subprocess.Popen(
                [sys.executable, *command],
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                start_new_session=True,
            )

    @property
    def run(self) -> Path | None:
        """The directory of the training, once it is there."""
        return next(self.folder.glob("runs/stem_depth/N=9-*"), None)

    def phase(self) -> str:
        """Where the command is, by the files that it has written in this life."""
        run = self.run
        if run and self._fresh(run / "attempts"):
            return self._training_phase(run)
        words = [_json(path) for path in self.folder.glob("runs/warm_start/*/progress.json")]
        if any(word.get("phase") == "data" and word["time"] > self.started for word in words):
            return "data" if not self._said_of_warm_start() else "warm start"
        return "warm start" if self._said_of_warm_start() else "start"

    def until(self, phase: str, delay: float = 0.0) -> None:
        """Wait until it has come to a phase, or past it, and then some seconds more."""
        self.wait(lambda: self._has_come_to(phase), f"phase {phase}")
        time.sleep(delay)

    def until_rows(self, rows: int) -> None:
        """Wait until so many steps of this life's training are in `metrics.jsonl`."""
        self.wait(lambda: self.rows() >= rows, f"row {rows}")
        if self.rows() < rows:
            raise Astray(f"ended before row {rows}: {' '.join(self.lines[:1])}")

    def wait(self, seen: Any, what: str) -> None:
        """Look until `seen()` or the end of the command; Astray where neither comes."""
        limit = time.monotonic() + LONGEST
        while not seen() and self.process.poll() is None:
            self._look()
            if time.monotonic() > limit:
                self.kill()
                raise Astray(f"never came to {what}")
            time.sleep(LOOK_SECONDS)

    def rows(self) -> int:
        """Whole rows of `metrics.jsonl`, if this life has written it."""
        path = self.run and self.run / "metrics.jsonl"
        try:
            return path.read_bytes().count(b"\n") if path and self._fresh(path) else 0
        except FileNotFoundError:
            return 0

    def ended(self, seconds: float = LONGEST) -> int:
        """The exit code; Astray, and the end of all its processes, where it takes longer."""
        limit = time.monotonic() + seconds
        while self.process.poll() is None:
            self._look()
            if time.monotonic() > limit:
                self.kill()
                raise Astray(f"did not end within {seconds:g} s")
            time.sleep(LOOK_SECONDS)
        return self.process.returncode

    def kill(self) -> str:
        """SIGKILL for all processes at one moment; the phase that it hit."""
        pids = self.freeze()
        phase = self.phase()
        send(pids, signal.SIGKILL)
        self.process.wait()
        while marked(str(self.folder)):
            time.sleep(LOOK_SECONDS)
        return phase

    def freeze(self) -> list[int]:
        """Stop all processes for a while, its own at once; `thaw` lets them go on."""
        self.process.send_signal(signal.SIGSTOP)
        return freeze(str(self.folder))

    def thaw(self) -> None:
        """Let stopped processes go on."""
        send(marked(str(self.folder)), signal.SIGCONT)

    @property
    def errors(self) -> str:
        """All that is on stderr."""
        return self._err.read_text("utf-8", "replace")

    @property
    def lines(self) -> list[str]:
        """What tells the user how it ended."""
        text = self._out.read_text("utf-8", "replace") + "\n" + self.errors
        return [line for line in text.splitlines() if line.startswith(VOICES)]

    def _has_come_to(self, phase: str) -> bool:
        now = self.phase()
        if now == "checkpoint":  # which come in all stages
            return phase in ("start", "data", "warm start", now)
        return PHASES.index(now) >= PHASES.index(phase)

    def _look(self) -> None:
        if rows := self.rows():  # 0: not begun, or begun anew and not one step done
            self.least = min(self.least, rows)

    def _training_phase(self, run: Path) -> str:
        if self._fresh(run / "samples.json"):
            return "result"
        if self._fresh(run / "model.safetensors"):
            return "evaluation"
        if any(self._fresh(path) for path in run.glob("checkpoints/.partial-*")):
            return "checkpoint"
        if (rows := self.rows()) == GROUNDING:
            return "switch"
        return "stage 2" if rows > GROUNDING else "stage 1"

    def _said_of_warm_start(self) -> bool:
        folders = self.folder.glob("runs/warm_start/*")
        names = ("metrics.jsonl", "tensorboard", "result.json")
        return any(self._fresh(folder / name) for folder in folders for name in names)

    def _fresh(self, path: Path) -> bool:
        try:
            return path.stat().st_mtime >= self.started - 0.01
        except FileNotFoundError:
            return False


def _json(path: Path) -> dict[str, Any]:
    try:
        return json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
