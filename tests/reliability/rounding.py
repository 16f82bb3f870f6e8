"""Runs that may differ by rounding: those of several numbers of processes.

Their sums have another order. AdamW makes whole steps of that where a gradient is next to nothing,
so weights are compared all together.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file

from reliability.judge import read_rows

TERMS = 1e-4
"""Largest relative difference of a loss term (absolute below 0.01)."""
WEIGHTS = 1e-4
"""Largest distance of all weights, as a share of their length."""
COUNTS = ("_active", "_zero_share")
"""Not continuous: a value at the threshold falls to either side."""


def rounded_differences(found: Path, before: Path, after: Path, done: int) -> Iterator[str]:
    """What differs by more than rounding.

    Args:
        before: an undisturbed run of the processes that made the first `done` steps.
        after: an undisturbed run of those that made the rest.
        done: steps that must be those of `before`, bit for bit.
    """
    rows, first, rest = (read_rows(path / "metrics.jsonl") for path in (found, before, after))
    if [row["step"] for row in rows] != [row["step"] for row in rest]:
        yield "metrics.jsonl: other steps"
        return
    if rows[:done] != first[:done]:
        yield f"metrics.jsonl: other values before step {done}"
    if (apart := _largest(rows, rest)) > TERMS:
        yield f"metrics.jsonl: {apart:.1e} from what {after.name} has, not {TERMS:g}"
    if (apart := _weights_apart(found, after)) > WEIGHTS:
        yield f"model.safetensors: {apart:.1e} from what {after.name} has, not {WEIGHTS:g}"


def _largest(rows: list[dict], others: list[dict]) -> float:
    return max(
        abs(row[name] - other[name]) / max(abs(other[name]), 1e-2)
        for row, other in zip(rows, others, strict=True)
        for name in other
        if not name.endswith(COUNTS)
    )


def _weights_apart(found: Path, expected: Path) -> float:
    ours, theirs = (load_file(path / "model.safetensors") for path in (found, expected))
    names = [name for name, value in theirs.items() if value.dtype.kind == "f"]
    apart = sum(float(np.square(ours[n].astype(float) - theirs[n]).sum()) for n in names)
    return (apart / sum(float(np.square(theirs[n].astype(float)).sum()) for n in names)) ** 0.5
