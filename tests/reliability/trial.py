"""One trial of a fault: a project folder of its own, real commands in it, and the verdict."""

import hashlib
import json
import math
import random
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from reliability.disk import Disk
from reliability.judge import differences, leftovers, read_rows, run_differences
from reliability.life import Life
from reliability.project import ROOT, SWEEP, References, prepare, run_command
from reliability.rounding import rounded_differences
from reliability.verdict import Verdict

TORCHRUN = "launch_agent"
"""In the traceback that torchrun itself prints where one of its processes failed."""
KEPT = 3
"""Whole checkpoints that may be there at once: the last two, and one just written."""
SHORT = 160
"""Characters of a line that the table shows."""


class Trial:
    """What the functions that describe faults are given."""

    def __init__(self, verdict: Verdict, seed: int, folder: Path, references: References) -> None:
        self.verdict = verdict
        self.number = verdict.number
        self.folder = folder
        self.random = random.Random(f"{seed}/{verdict.fault}/{verdict.number}")
        self.references = references
        self._lives: list[Life] = []
        self._disks: list[Disk] = []
        self._finished: dict[Path, str] = {}

    @property
    def run(self) -> Path:
        """The directory of the training."""
        return next(self.folder.glob("runs/stem_depth/N=9-*"))

    def prepare(self) -> Path:
        """Data and warm starts from the undisturbed run; the run directory, not yet begun."""
        prepare(self.references.of(), self.folder)
        self._note_finished()
        return self.run

    def sweep(self, **variables: str) -> Life:
        """Start the sweep."""
        return self._start(SWEEP, variables)

    def train(self, processes: int = 1, **variables: str) -> Life:
        """Start the training of the prepared run."""
        return self._start(run_command(self.folder, processes), variables)

    def disk(self, folder: Path, size: int) -> Disk:
        """Put a folder on a small disk of its own."""
        self._disks.append(Disk(folder, size))
        return self._disks[-1]

    def start(self, *command: str, **variables: str) -> Life:
        """Start any Python script with its arguments."""
        return self._start(command, variables)

    def hit(self, where: str) -> None:
        """The fault has struck: what is finished now must never be lost."""
        self.verdict.hits.append(where)
        self._note_finished()
        self._check_disk_use()

    def refused(self, life: Life, *words: str, seconds: float = 60) -> None:
        """The command ends by itself, with an exit code that is not 0 and one clear line."""
        code, told = life.ended(seconds), life.lines
        self.verdict.said = self._short(told[-1]) if told else ""
        if code == 0:
            self.verdict.wrong.append("the exit code was 0")
        if len(told) != max(1, sum(line.startswith("failed: ") for line in told)):
            self.verdict.unclear.append(f"{len(told)} lines tell how it ended")
        lacking = [word for word in words if told and word not in told[-1]]
        if lacking:
            said = f"the line does not say {', '.join(lacking)}: {self.verdict.said}"
            self.verdict.unclear.append(said)
        if any(TORCHRUN not in trace for trace in life.errors.split("Traceback (most")[1:]):
            self.verdict.unclear.append("a traceback on stderr")
        self._check_finished()

    def ends_right(self, life: Life, begun: int = 0, processes: int = 1) -> None:
        """The command ends with all as in an undisturbed run; it went on from `begun` steps."""
        self.ends(life, begun)
        found = differences(self.folder, self.references.of(processes))
        self.verdict.wrong += found

    def ends(self, life: Life, begun: int = 0) -> None:
        """The command ends well, and nothing that was finished has changed."""
        if code := life.ended():
            said = self._short(life.lines[-1]) if life.lines else "nothing"
            self.verdict.wrong.append(f"the rerun ended with {code}: {said}")
        if life.least < begun:
            self.verdict.lost.append(f"trained again from step {life.least}, not from {begun}")
        self._check_finished()

    def same_run(self) -> None:
        """The run's directory is that of the undisturbed run, whatever else there is."""
        self.verdict.wrong += run_differences(self.run, self.references.run_of(1))

    def finished(self, label: str) -> None:
        """A run of this label is finished, with a number for every step and nothing left over."""
        found = list(self.folder.glob(f"runs/*/{label}-*/result.json"))
        steps = json.loads(found[0].read_text())["steps"] if found else None
        rows = read_rows(found[0].with_name("metrics.jsonl")) if found else []
        if not found or [row["step"] for row in rows] != list(range(steps)):
            self.verdict.wrong.append(f"{label} has not all its steps and its result")
        if not all(math.isfinite(value) for row in rows for value in row.values()):
            self.verdict.wrong.append(f"{label} has numbers that are none")
        self.verdict.wrong += leftovers(self.folder / "runs")

    def alike(self, before: int, after: int, done: int) -> None:
        """Rows up to step `done` are of `before` processes bit for bit; all is as with `after`
        processes but for rounding."""
        references = (self.references.run_of(count) for count in (before, after))
        self.verdict.wrong += rounded_differences(self.run, *references, done)

    def warned(self, life: Life, *words: str) -> None:
        """A warning says so, in one line."""
        lines = [line for line in life.errors.splitlines() if "WARNING" in line]
        told = [line for line in lines if all(word in line for word in words)]
        if told:
            self.verdict.said = self._short(told[0])
        else:
            self.verdict.unclear.append(f"no warning says {', '.join(words)}")

    def checkpoint(self) -> int:
        """Steps of the newest whole checkpoint."""
        return max((int(path.name[5:]) for path in self.checkpoints()), default=0)

    def checkpoints(self) -> list[Path]:
        """Whole checkpoints, oldest first."""
        return sorted(p.parent for p in self.run.glob("checkpoints/step-*/checkpoint.json"))

    def close(self) -> None:
        """End what may still run."""
        for life in self._lives:
            life.kill()
        for disk in self._disks:
            disk.close()

    def _start(self, command: tuple[str, ...], variables: Mapping[str, str]) -> Life:
        self._lives.append(Life(self.folder, len(self._lives) + 1, command, variables))
        return self._lives[-1]

    def _note_finished(self) -> None:
        for result in self.folder.glob("runs/*/*/result.json"):
            if (result.parent / "model.safetensors").exists() and _is_whole(result):
                self._finished.setdefault(result.parent, _state(result.parent))

    def _check_finished(self) -> None:
        for path, state in self._finished.items():
            if _state(path) != state:
                self.verdict.lost.append(f"{path.name} was finished, and was touched again")

    def _check_disk_use(self) -> None:
        for folder in self.folder.glob("runs/*/*/checkpoints"):
            if (count := len(list(folder.glob("*step-*")))) > KEPT:
                self.verdict.wrong.append(f"{count} checkpoints in {folder.parent.name}")

    def _short(self, line: str) -> str:
        line = line.replace(f"{self.folder}/", "").replace(str(ROOT) + "/", "")
        return line if len(line) <= SHORT else line[: SHORT - 3] + "..."


@contextmanager
def at_once(life: Life) -> Iterator[None]:
    """Stop all processes, do something, let them go on: it happens between two of their steps."""
    life.freeze()
    try:
        yield
    finally:
        life.thaw()


def _is_whole(result: Path) -> bool:
    try:
        return bool(json.loads(result.read_text()))
    except ValueError:
        return False


def _state(run: Path) -> str:
    """Changes where a finished run is trained again or altered."""
    digest = hashlib.sha256()
    for name in ("result.json", "model.safetensors", "metrics.jsonl"):
        path = run / name
        digest.update(path.read_bytes() if path.exists() else b"")
    attempts = len(list(run.glob("attempts/*.json")))
    return json.dumps([digest.hexdigest(), attempts])
