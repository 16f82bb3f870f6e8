"""What sweeps are made of: labelled configs, and short ways to write a list or a grid of them."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import product

from unify.config import Config, FusionConfig, RunConfig, evaluated_on, plainly_evaluated
from unify.config.codec import override


@dataclass(frozen=True)
class Variant:
    """One run of a sweep."""

    label: str
    """Unique in its sweep; names the run's directory and its row in tables."""
    config: Config
    """The whole config; seeds are the sweep command's business. What it starts from, its parents,
    follows from it (`unify.config.parents`)."""
    about: str = ""
    """What the label does not say."""
    row: str = ""
    """The paper's letter of it, where there is one."""


Variants = Callable[[RunConfig], list[Variant]]


@dataclass(frozen=True, kw_only=True)
class Sweep:
    """A named set of runs that answer one question."""

    name: str
    title: str
    """What is asked, in a line."""
    paper: str
    """Where the paper shows it, such as "Figure 6", or what it says of the choice."""
    variants: Variants
    """The runs, derived from a base config."""
    choice: bool = False
    """Whether it tries a choice that the paper leaves open, rather than regenerate a result."""
    report: str = "analysis.choices"
    """Module of the analysis with `write(study, out)`, which shows the finished runs."""
    parts: tuple[str, ...] = ()
    """Names of the sweeps that it is made of; its labels are then `sweep/label`."""


def each(base: RunConfig, field: str, values: Iterable[object]) -> list[Variant]:
    """One run per value of one field."""
    return grid(base, {field: values})


def grid(base: RunConfig, axes: Mapping[str, Iterable[object]]) -> list[Variant]:
    """One run per combination of values; axes map dotted fields to them."""
    points = [dict(zip(axes, values, strict=True)) for values in product(*axes.values())]
    return [changed(base, _label(point), point) for point in points]


def changed(
    base: RunConfig, label: str, changes: Mapping[str, object], about: str = "", row: str = ""
) -> Variant:
    """The base with some fields changed."""
    return Variant(label, override(base, changes), about, row)


def fusion(base: RunConfig, lexicon: RunConfig | None = None, **evaluation: object) -> FusionConfig:
    """The latent branch of `base` with the lexicon branch of another training (default: its own),
    evaluated as `base` is, but for what is given."""
    made = FusionConfig(
        latent=plainly_evaluated(base),
        lexicon=plainly_evaluated(lexicon or base),
        evaluation=base.evaluation,
    )
    return override(made, {f"evaluation.{name}": value for name, value in evaluation.items()})


def evaluated(base: RunConfig, corpus: str) -> FusionConfig:
    """Both branches of `base` on the test sets of another corpus, as its protocol has it."""
    trained = plainly_evaluated(base)
    return FusionConfig(latent=trained, lexicon=trained, evaluation=evaluated_on(base, corpus))


def _label(point: Mapping[str, object]) -> str:
    pairs = [f"{field.rpartition('.')[2]}={_text(value)}" for field, value in point.items()]
    return ",".join(pairs)


def _text(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value).lower()
