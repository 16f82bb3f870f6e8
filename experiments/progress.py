"""Where each run stands, read from its directory."""

import math
import time
from dataclasses import dataclass

from experiments.plan import PlannedRun
from unify.records import RecordError


@dataclass(frozen=True, kw_only=True)
class Progress:
    """A run's last word about itself."""

    phase: str = ""
    step: int = 0
    total: int = 0
    loss: float | None = None
    rate: float | None = None
    """Steps per second."""
    age: float | None = None
    """Seconds since it was said."""

    @property
    def eta(self) -> float | None:
        """Seconds to the last step at this rate."""
        return max(0, self.total - self.step) / self.rate if self.rate else None

    @property
    def place(self) -> str:
        """Step and total, in words."""
        return f"{self.step}/{self.total}" if self.total else ""


def read_progress(run: PlannedRun) -> Progress:
    """What the run said last; nothing where it has not spoken or its file is damaged."""
    try:
        said = run.directory.read_progress()
    except RecordError:
        said = None
    if not said:
        return Progress()
    values = said["values"]
    return Progress(
        phase=said["phase"],
        step=said["step"],
        total=said["total"],
        loss=_number(values.get("loss")),
        rate=_number(values.get("steps_per_second")),
        age=max(0.0, time.time() - said["time"]),
    )


def _number(value: object) -> float | None:
    """None for what no clean run has said."""
    return value if isinstance(value, int | float) and math.isfinite(value) else None


def failure_line(run: PlannedRun) -> str:
    """Why the run failed last time or cannot be read, in one line; empty where nothing is wrong."""
    if damage := run.directory.damage():
        return damage
    try:
        failure = run.directory.failure()
    except RecordError as error:
        return str(error)
    return f"{failure['type']}: {failure['message']}" if failure else ""


def duration(seconds: float | None) -> str:
    """Hours, minutes, seconds; empty for None."""
    if seconds is None:
        return ""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def number(value: float | None, digits: int) -> str:
    """The value rounded; empty for None."""
    return "" if value is None else f"{value:.{digits}f}"
