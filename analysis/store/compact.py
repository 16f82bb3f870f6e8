"""JSON for records that are kept under version control: small, and a line per row."""

import json
from collections.abc import Mapping
from typing import Any

WIDTH = 160
"""Columns that a line may have; what fits is on one line."""
DIGITS = 6
"""Significant digits of logged values."""


def compact(value: Any, depth: int = 0) -> str:
    """`value` as JSON, in which only what does not fit on a line is spread over several."""
    line = json.dumps(value)
    if len(line) + depth <= WIDTH or not isinstance(value, dict | list):
        return line
    opened, closed = "{}" if isinstance(value, dict) else "[]"
    indent = " " * (depth + 1)
    inner = ",\n".join(indent + item for item in _items(value, depth + 1))
    return f"{opened}\n{inner}\n{' ' * depth}{closed}"


def rounded(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row of metrics with its floats cut to `DIGITS` significant digits."""
    return {
        name: float(f"{value:.{DIGITS}g}") if isinstance(value, float) else value
        for name, value in row.items()
    }


def _items(value: dict | list, depth: int) -> list[str]:
    if isinstance(value, list):
        return [compact(item, depth) for item in value]
    return [f"{json.dumps(name)}: {compact(item, depth)}" for name, item in value.items()]
