"""The records that benchmarks leave (`experiments/benchmarks/record.py` says what they hold)."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analysis.errors import AnalysisError

Row = Mapping[str, Any]
"""One contestant in one case; a field that is absent or None was not measured."""


@dataclass(frozen=True)
class Record:
    """One run of a benchmark."""

    benchmark: str
    command: str
    date: str
    device: str
    """`cpu` or the GPU's name."""
    environment: Mapping[str, Any]
    sizes: Mapping[str, Any]
    rows: list[Row]


FIELDS = {
    **{name: str for name in ("benchmark", "command", "date", "device")},
    "environment": dict,
    "sizes": dict,
    "rows": list,
}


def read_records(folder: Path) -> list[Record]:
    """All records of a folder, by name.

    Raises:
        AnalysisError: where there is no such folder, or a record is damaged.
    """
    if not folder.is_dir():
        raise AnalysisError(f"{folder} is no folder of benchmark records; name one by --records")
    return [_read(path) for path in sorted(folder.glob("*.json"))]


def _read(path: Path) -> Record:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise _damaged(path, str(error)) from error
    if not isinstance(found, dict):
        raise _damaged(path, "no record")
    for name, kind in FIELDS.items():
        if not isinstance(found.get(name), kind):
            raise _damaged(path, f"without {name}")
    rows = found["rows"]
    if not rows or not all(isinstance(row, dict) and _is_finite(row) for row in rows):
        raise _damaged(path, "no rows, rows that are none, or numbers that are none")
    return Record(**{name: found[name] for name in FIELDS})


def _is_finite(row: Row) -> bool:
    return all(math.isfinite(value) for value in row.values() if isinstance(value, float))


def _damaged(path: Path, why: str) -> AnalysisError:
    return AnalysisError(f"{path} is damaged ({why}); delete it, or measure again")
