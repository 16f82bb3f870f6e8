"""How sure a difference of two means over few seeds is: Student's t."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from statistics import mean, variance

LEVEL = 0.95
"""Confidence of all intervals that are not of a choice among several."""

Values = Mapping[int, float]
"""Seed -> value."""


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """A difference of two means."""

    mean: float
    means: tuple[float, float]
    """The two; `mean` is the first less the second."""
    low: float | None
    """Lower end of the interval; None (as `high`) where seeds are too few for one."""
    high: float | None
    seeds: tuple[int, int]
    """Seeds behind either mean."""
    paired: bool
    """Whether both have the same seeds, so that the interval is of their differences."""
    level: float = LEVEL

    @property
    def few(self) -> bool:
        """Whether there are too few seeds for an interval."""
        return self.low is None


def difference(first: Values, second: Values, *, step: float, level: float = LEVEL) -> Estimate:
    """Mean of `first` less mean of `second`, each of at least one seed, with its interval.

    Paired by seed where both have the same seeds, else Welch's with its degrees of freedom rounded
    down. Values come in steps of `step` (one query of all): no spread is taken as smaller than what
    rounding to such steps leaves, so seeds that agree exactly do not make an interval of no width.
    """
    paired = first.keys() == second.keys()
    rounding = step**2 / 12
    estimate = _paired if paired else _apart
    error = estimate(first, second, rounding, level) if min(len(first), len(second)) > 1 else None
    means = mean(first.values()), mean(second.values())
    apart = means[0] - means[1]
    return Estimate(
        mean=apart,
        means=means,
        low=None if error is None else apart - error,
        high=None if error is None else apart + error,
        seeds=(len(first), len(second)),
        paired=paired,
        level=level,
    )


def seeds_needed(found: Estimate, most: int = 99) -> int | None:
    """About how many seeds put 0 outside the interval, if difference and spread stay as they are.

    None where more than `most` would be, or where that cannot be told from separate samples.
    """
    if found.high is None or not found.paired:
        return None
    seeds = found.seeds[0]
    spread = (found.high - found.mean) / quantile(found.level, seeds - 1) * math.sqrt(seeds)
    enough = (
        count
        for count in range(seeds + 1, most + 1)
        if quantile(found.level, count - 1) * spread < abs(found.mean) * math.sqrt(count)
    )
    return next(enough, None)


@cache
def quantile(level: float, freedom: int) -> float:
    """The t that Student's t with `freedom` degrees stays within, on both sides, with `level`."""
    low, high = 0.0, 1.0
    while within(high, freedom) < level:
        high *= 2
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if within(middle, freedom) < level else (low, middle)
    return high


def within(t: float, freedom: int) -> float:
    """P(|T| < t) of Student's t, exactly (Abramowitz and Stegun 26.7.3 and 26.7.4)."""
    angle = math.atan(t / math.sqrt(freedom))
    odd = freedom % 2
    term = math.cos(angle) if odd else 1.0
    total = 0.0
    for k in range(2 + odd, freedom + 1, 2):
        total += term
        term *= math.cos(angle) ** 2 * (k - 1) / k
    if odd:
        return 2 / math.pi * (angle + math.sin(angle) * total)
    return math.sin(angle) * total


def _paired(first: Values, second: Values, rounding: float, level: float) -> float:
    """Half the width of the interval."""
    spread = max(variance([first[seed] - second[seed] for seed in first]), 2 * rounding)
    return quantile(level, len(first) - 1) * math.sqrt(spread / len(first))


def _apart(first: Values, second: Values, rounding: float, level: float) -> float:
    parts = [
        (max(variance(values.values()), rounding) / len(values), len(values) - 1)
        for values in (first, second)
    ]
    total = sum(part for part, _ in parts)
    freedom = total**2 / sum(part**2 / degrees for part, degrees in parts)
    return quantile(level, max(1, math.floor(freedom))) * math.sqrt(total)
