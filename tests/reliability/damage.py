"""Records and checkpoints that are damaged, or were written by another version."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from reliability.life import CHECKPOINT_EVERY, STEPS
from reliability.registry import fault
from reliability.trial import Trial


@fault(tries=4, quick=1, seconds=25)
def damaged_checkpoint(trial: Trial) -> None:
    """A run is killed, and of its newest checkpoint one bit is flipped, a file is cut short, a
    file is gone, or the record is empty; the one before it serves."""
    trial.prepare()
    life = trial.train()
    life.until_rows(trial.random.randrange(2 * CHECKPOINT_EVERY + 1, STEPS))
    life.kill()
    *_, before, newest = trial.checkpoints()
    files = sorted((p for p in newest.rglob("*") if p.is_file()), key=lambda p: p.stat().st_size)
    record, largest = newest / "checkpoint.json", files[-1]
    name = ("one bit", "cut short", "a file gone", "empty record")[trial.number % 4]
    {
        "one bit": lambda: _flip(largest, trial),
        "cut short": lambda: _cut(largest, trial),
        "a file gone": largest.unlink,
        "empty record": lambda: record.write_bytes(b""),
    }[name]()
    trial.hit(name)
    again = trial.train()
    trial.ends_right(again, int(before.name[5:]))
    trial.warned(again, newest.name, "damaged")


@fault(tries=2, seconds=30)
def all_checkpoints_damaged(trial: Trial) -> None:
    """A run is killed, and each of its checkpoints has a bit flipped: it begins anew."""
    trial.prepare()
    life = trial.train()
    life.until_rows(trial.random.randrange(2 * CHECKPOINT_EVERY + 1, STEPS))
    life.kill()
    for folder in trial.checkpoints():
        _flip(max((p for p in folder.rglob("*") if p.is_file()), key=_size), trial)
    trial.hit("one bit in each")
    again = trial.train()
    trial.ends_right(again)
    trial.warned(again, "damaged")


@fault(tries=2, seconds=20)
def half_a_row(trial: Trial) -> None:
    """A run is killed, and the last row of metrics.jsonl is cut in half."""
    trial.prepare()
    life = trial.train()
    life.until_rows(trial.random.randrange(1, STEPS))
    life.kill()
    rows = trial.run / "metrics.jsonl"
    rows.write_bytes(rows.read_bytes()[: -trial.random.randrange(2, 100)])
    trial.hit("the last row")
    trial.ends_right(trial.train(), trial.checkpoint())


@fault(tries=2, seconds=25)
def damaged_result(trial: Trial) -> None:
    """A finished run's result.json is cut short: the line says to delete it, and that helps."""
    result = trial.prepare() / "result.json"
    trial.train().ended()
    _cut(result, trial)
    trial.hit("result.json")
    trial.refused(trial.train(), "result.json", "damaged")
    result.unlink()
    trial.ends_right(trial.train())


@fault(tries=1, seconds=20)
def unknown_field(trial: Trial) -> None:
    """config.json has a field that this version does not know."""
    _record(trial, lambda record: record["config"]["plan"].update(momentum=0.9), "momentum")


@fault(tries=1, seconds=20)
def newer_record(trial: Trial) -> None:
    """config.json was written by a newer version."""
    _record(trial, lambda record: record.update(schema=record["schema"] + 1), "newer")


def _record(trial: Trial, change: Callable[[dict[str, Any]], None], word: str) -> None:
    """The changed record is refused; as it was, it is trained."""
    config = trial.prepare() / "config.json"
    text = config.read_text()
    record = json.loads(text)
    change(record)
    config.write_text(json.dumps(record))
    trial.hit("config.json")
    trial.refused(trial.train(), "config.json", word)
    config.write_text(text)
    trial.ends_right(trial.train())


def _flip(path: Path, trial: Trial) -> None:
    content = bytearray(path.read_bytes())
    content[trial.random.randrange(len(content))] ^= 1 << trial.random.randrange(8)
    path.write_bytes(content)


def _cut(path: Path, trial: Trial) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: trial.random.randrange(len(content))])


def _size(path: Path) -> int:
    return path.stat().st_size
