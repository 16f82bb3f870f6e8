"""How a config field says whether it belongs to a run's identity."""

from dataclasses import field
from typing import Any


def local(default: Any) -> Any:
    """A field that cannot change the result (paths, worker counts): left out of the signature."""
    return field(default=default, metadata={"identity": False})
