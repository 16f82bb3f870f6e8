"""What can be run: each sweep is a function that derives labelled configs from a base.

To add one, write a function here and decorate it; `python experiments/sweep.py NAME` does the rest.
"""

from collections.abc import Callable
from dataclasses import dataclass

from unify.config import RunConfig
from unify.config.codec import override


@dataclass(frozen=True)
class Variant:
    """One run of a sweep."""

    label: str
    """Unique in its sweep; names the run's directory and its row in tables."""
    config: RunConfig
    """The whole config; seeds are the sweep command's business."""
    about: str = ""
    """What the label does not say."""


@dataclass(frozen=True, kw_only=True)
class Sweep:
    """A named set of runs that answer one question."""

    name: str
    title: str
    """What is asked, in a line."""
    paper: str
    """Where the paper shows it, such as "Figure 6"."""
    variants: Callable[[RunConfig], list[Variant]]
    """The runs, derived from a base config."""
    report: str | None = None
    """Module with `write(runs, *, member, sweep) -> list[Path]`, which draws finished runs."""


SWEEPS: dict[str, Sweep] = {}
"""Every sweep, by name."""


def sweep(
    *, title: str, paper: str, report: str | None = None
) -> Callable[[Callable[[RunConfig], list[Variant]]], Callable[[RunConfig], list[Variant]]]:
    """Register a function as the sweep of its own name."""

    def register(variants: Callable[[RunConfig], list[Variant]]):
        name = variants.__name__
        SWEEPS[name] = Sweep(name=name, title=title, paper=paper, variants=variants, report=report)
        return variants

    return register


@sweep(title="How many blocks the branches share", paper="Figure 6", report="analysis.figure6")
def stem_depth(base: RunConfig) -> list[Variant]:
    """N shared blocks per stream, from none to all; M = depth - N are each branch's own."""
    depths = range(base.model.depth + 1)
    return [Variant(f"N={n}", override(base, {"model.stem_depth": n})) for n in depths]
