"""What a run left behind against what an undisturbed one leaves: bit for bit.

Reads the files themselves, not through the project, so that a fault of its readers shows too.
"""

import json
import logging
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load_file
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.backend.event_processing.event_file_loader import EventFileLoader
from tensorboard.util.tensor_util import make_ndarray

TIMES = frozenset({"seconds", "host", "time"})
"""What `result.json` may say differently."""
LEFTOVERS = ("**/.*.draft", "**/.partial-*", "**/.making-*", "**/failure.json", "*/*/checkpoints")
"""What may not lie below the runs once all are finished."""
logging.getLogger("tensorboard").setLevel(logging.ERROR)  # it tells of restarts; so do we
Curves = dict[str, list[tuple[int, Any]]]


def differences(found: Path, expected: Path) -> list[str]:
    """What differs between two folders that hold `runs` and `data`; empty where all is equal."""
    return [*_all_runs(found / "runs", expected / "runs"), *_data(found, expected)]


def run_differences(found: Path, expected: Path) -> Iterator[str]:
    """What differs between two run directories."""
    yield from _weights(found / "model.safetensors", expected / "model.safetensors")
    yield from _rows(found / "metrics.jsonl", expected / "metrics.jsonl")
    yield from _curves(found / "tensorboard", expected / "tensorboard")
    yield from _json(found / "result.json", expected / "result.json")
    yield from _json(found / "samples.json", expected / "samples.json")
    yield from _files(found / "previews", expected / "previews", "preview")


def leftovers(runs: Path) -> list[str]:
    """Drafts, partial checkpoints, old failures, checkpoints of finished runs."""
    found = [path for pattern in LEFTOVERS for path in runs.glob(pattern)]
    return [f"left behind: {path.relative_to(runs)}" for path in sorted(found)]


def read_rows(path: Path) -> list[dict[str, float]]:
    """The rows of a `metrics.jsonl`, every line."""
    return [json.loads(line) for line in path.read_text().splitlines()]


def _all_runs(found: Path, expected: Path) -> Iterator[str]:
    names = [{path.parent.relative_to(f) for path in _configs(f)} for f in (found, expected)]
    for name in sorted(names[0] ^ names[1]):
        yield f"{name}: {'more' if name in names[0] else 'fewer'} runs than there should be"
    for name in sorted(names[0] & names[1]):
        yield from (f"{name}: {what}" for what in run_differences(found / name, expected / name))
    yield from leftovers(found)


def _configs(runs: Path) -> Iterator[Path]:
    return (path for path in runs.glob("*/*/config.json") if path.parts[-3] != "code")


def _weights(found: Path, expected: Path) -> Iterator[str]:
    if _missing(found, expected):
        yield from _missing(found, expected)
    elif found.exists() and found.read_bytes() != expected.read_bytes():
        ours, theirs = load_file(found), load_file(expected)
        names = [n for n in theirs if n not in ours or not np.array_equal(ours[n], theirs[n])]
        yield f"{found.name}: other bytes ({len(names)} of {len(theirs)} tensors differ)"


def _rows(found: Path, expected: Path) -> Iterator[str]:
    if _missing(found, expected):
        yield from _missing(found, expected)
        return
    ours, theirs = ([row for row in read_rows(path)] for path in (found, expected))
    if (steps := [row["step"] for row in ours]) != (wanted := [row["step"] for row in theirs]):
        yield f"{found.name}: {_steps(steps, wanted)}"
    elif ours != theirs:
        first = next(a["step"] for a, b in zip(ours, theirs, strict=True) if a != b)
        yield f"{found.name}: other values from step {first} on"


def _steps(found: list[int], expected: list[int]) -> str:
    ours, theirs = Counter(found), Counter(expected)
    more, fewer = sorted((ours - theirs).elements()), sorted((theirs - ours).elements())
    return f"steps {more} too often, steps {fewer} missing, or not in order"


def _curves(found: Path, expected: Path) -> Iterator[str]:
    if _missing(found, expected):
        yield from _missing(found, expected)
        return
    for name, read in (("as shown", _shown), ("in its files", _recorded)):
        ours, theirs = read(found), read(expected)
        for tag in sorted(ours.keys() | theirs.keys()):
            if (a := ours.get(tag, [])) != (b := theirs.get(tag, [])):
                steps = _steps([step for step, _ in a], [step for step, _ in b])
                same = [step for step, _ in a] == [step for step, _ in b]
                yield f"tensorboard {name}: {tag}: {'other values' if same else steps}"
                break


def _shown(folder: Path) -> Curves:
    """The scalars that TensorBoard shows."""
    events = EventAccumulator(str(folder), size_guidance={"scalars": 0, "tensors": 0}).Reload()
    return {
        tag: [(event.step, event.value) for event in events.Scalars(tag)]
        for tag in events.Tags()["scalars"]
    }


def _recorded(folder: Path) -> Curves:
    """All values of all event files, by step."""
    curves: Curves = {}
    for path in sorted(folder.glob("events.*")):
        for event in EventFileLoader(str(path)).Load():
            for value in event.summary.value:
                content = make_ndarray(value.tensor).tolist()
                curves.setdefault(value.tag, []).append((event.step, content))
    return {tag: sorted(points, key=lambda point: point[0]) for tag, points in curves.items()}


def _json(found: Path, expected: Path) -> Iterator[str]:
    if _missing(found, expected):
        yield from _missing(found, expected)
    elif found.exists():
        ours, theirs = (json.loads(path.read_text()) for path in (found, expected))
        names = ours.keys() | theirs.keys()
        differ = [n for n in sorted(names - TIMES) if ours.get(n) != theirs.get(n)]
        if differ:
            yield f"{found.name}: other {', '.join(differ)}"


def _data(found: Path, expected: Path) -> list[str]:
    return list(_files(found / "data", expected / "data", "data file"))


def _files(found: Path, expected: Path, what: str) -> Iterator[str]:
    ours, theirs = (_contents(folder) for folder in (found, expected))
    names = sorted(n for n in ours.keys() | theirs.keys() if ours.get(n) != theirs.get(n))
    if names:
        yield f"{len(names)} {what}s differ or are missing, such as {names[0]}"


def _contents(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def _missing(found: Path, expected: Path) -> list[str]:
    if found.exists() == expected.exists():
        return []
    return [f"{found.name} is {'not to be there' if found.exists() else 'missing'}"]
