"""Checks of single values, by field name; each yields one line per value that is refused."""

from collections.abc import Callable, Iterator
from typing import Any

from unify.config.errors import ConfigError

SEEDS = 2**32
"""There are as many seeds."""


def above_zero(group: str, config: Any, *names: str) -> Iterator[str]:
    """Fields that must be above 0."""
    for name in names:
        if getattr(config, name) <= 0:
            yield f"{_place(group, name)}={getattr(config, name)} must be above 0"


def at_least(lowest: float, group: str, config: Any, *names: str) -> Iterator[str]:
    """Fields with a lowest value."""
    for name in names:
        if getattr(config, name) < lowest:
            yield f"{_place(group, name)}={getattr(config, name)} must be at least {lowest}"


def seed(group: str, config: Any) -> Iterator[str]:
    """The field `seed`: generators take 64 bits, of which the step has its share."""
    yield from at_least(0, group, config, "seed")
    if config.seed >= SEEDS:
        yield f"{_place(group, 'seed')}={config.seed} must be below {SEEDS}"


def share(group: str, config: Any, *names: str) -> Iterator[str]:
    """Fields that must lie in 0..1."""
    for name in names:
        if not 0 <= getattr(config, name) <= 1:
            yield f"{_place(group, name)}={getattr(config, name)} is outside 0..1"


def refusal(field: str, check: Callable[[str], None], name: str) -> Iterator[str]:
    """What a check that raises says of a name."""
    try:
        check(name)
    except ConfigError as error:
        yield f"{field}: {error}"


def _place(group: str, name: str) -> str:
    return f"{group}.{name}" if group else name
