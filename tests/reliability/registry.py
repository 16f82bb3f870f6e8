"""All faults that can be tried, by name."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module

from reliability.trial import Trial

Try = Callable[[Trial], None]


@dataclass(frozen=True, kw_only=True)
class Fault:
    """A fault; its function does one try, and its docstring says what is done."""

    name: str
    attempt: Try
    tries: int
    quick: int
    """Tries of the short selection."""
    seconds: int
    """Rough duration of a try on two cores."""

    @property
    def how(self) -> str:
        """What is done, in a sentence."""
        return " ".join((self.attempt.__doc__ or "").split())


FAULTS: dict[str, Fault] = {}
MODULES = ("kills", "pairs", "disks", "conditions", "clips", "damage")
"""Each registers its faults, in this order."""


def load() -> dict[str, Fault]:
    """All faults, by name."""
    for module in MODULES:
        import_module(f"reliability.{module}")
    return FAULTS


def fault(*, tries: int, seconds: int, quick: int = 0) -> Callable[[Try], Try]:
    """Register a function as a fault under its name."""

    def register(attempt: Try) -> Try:
        name = attempt.__name__
        FAULTS[name] = Fault(name=name, attempt=attempt, tries=tries, quick=quick, seconds=seconds)
        return attempt

    return register
