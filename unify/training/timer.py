"""Where a run's time goes."""

import time
from collections.abc import Iterator
from contextlib import contextmanager


class Timer:
    """Seconds spent in each named part of a run."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self.started = time.monotonic()

    @contextmanager
    def __call__(self, name: str) -> Iterator[None]:
        """Add the time of a `with` block to what a name has; blocks may lie in one another."""
        start = time.monotonic()
        yield
        spent = self.seconds.get(name, 0.0) + time.monotonic() - start
        self.seconds[name] = round(spent, 3)

    def all(self) -> dict[str, float]:
        """Each part, and the total so far."""
        return self.seconds | {"total": round(time.monotonic() - self.started, 3)}
