"""What checks of records have in common."""

import math
from typing import Any

from unify.records import RecordError


def require(holds: bool, problem: str) -> None:
    """Raise a RecordError that says what is wrong where it does not hold."""
    if not holds:
        raise RecordError(problem)


def is_number(value: Any) -> bool:
    """Whether it is finite and no truth value."""
    return type(value) in (int, float) and math.isfinite(value)


def is_count(value: Any, lowest: int = 0) -> bool:
    """Whether it is a whole number of things."""
    return type(value) is int and value >= lowest
