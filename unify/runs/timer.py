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
        """Count the time of a `with` block under a name."""
        start = time.monotonic()
        yield
        self.seconds[name] = round(time.monotonic() - start, 3)

    def all(self) -> dict[str, float]:
        """Each part, and the total so far."""
        return self.seconds | {"total": round(time.monotonic() - self.started, 3)}
