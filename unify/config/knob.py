"""How a config field says whether it belongs to a run's identity."""

from dataclasses import field
from typing import Any

LOCAL = {"identity": False}
"""Metadata of a field that cannot change the result: it is left out of the signature."""


def local(default: Any) -> Any:
    """A field that cannot change the result (paths, worker counts)."""
    return field(default=default, metadata=LOCAL)


def added(neutral: Any) -> Any:
    """A field that is younger than runs on record, which are as they would be with `neutral`: left
    out of the signature where it has that value, so that they stay valid."""
    return field(default=neutral, metadata={"added": True})
