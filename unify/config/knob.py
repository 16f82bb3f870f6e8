"""How a config field says whether it belongs to a run's identity."""

from collections.abc import Callable
from dataclasses import field
from typing import Any


def local(default: Any = None, *, factory: Callable[[], Any] | None = None) -> Any:
    """A field that cannot change the result (paths, worker counts): left out of the signature."""
    metadata = {"identity": False}
    if factory is not None:
        return field(default_factory=factory, metadata=metadata)
    return field(default=default, metadata=metadata)


def added(neutral: Any) -> Any:
    """A field that is younger than runs on record, which are as they would be with `neutral`: left
    out of the signature where it has that value, so that they stay valid."""
    return field(default=neutral, metadata={"added": True})
