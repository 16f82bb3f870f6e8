"""Short ways to name what claims compare."""

from dataclasses import dataclass

from analysis.judge.claim import Claim, Inequality, Published, Row, Side

BRANCHES = ("latent", "lexicon")


@dataclass(frozen=True, kw_only=True)
class Section:
    """A section of the paper."""

    title: str
    about: str
    """What its claims have in common."""
    claims: tuple[Claim, ...]


def default(part: str) -> Row:
    """The default run, zero-shot on MSR-VTT."""
    return Row(sweep="msrvtt", label="zero_shot", part=part)


def tuned(dataset: str, part: str = "fused") -> Row:
    """The default run, fine-tuned on one of Table 1's or 2's datasets."""
    if dataset == "MSR-VTT":
        return Row(sweep="msrvtt", label="fine_tuned", part=part)
    return Row(sweep="transfer", label=f"{dataset.lower()}_fine_tuned", part=part)


def transferred(dataset: str, part: str = "fused") -> Row:
    """The default run, zero-shot on one of Table 2's datasets."""
    return Row(sweep="transfer", label=f"{dataset.lower()}_zero_shot", part=part)


def acting(dataset: str, part: str = "fused") -> Row:
    """The default run, naming the actions of one of Table 3's datasets."""
    return Row(sweep="action_recognition", label=dataset.lower(), part=part)


def unified(label: str, part: str) -> Row:
    """A line of Table 4."""
    return Row(sweep="unified_learning", label=label, part=part)


def grounded(label: str) -> Row:
    """A line of Table 5."""
    return Row(sweep="semantics_grounding", label=label, part="lexicon")


def depth(shared: int, part: str) -> Row:
    """A point of Figure 6."""
    return Row(sweep="stem_depth", label=f"N={shared}", part=part)


def published(
    table: int,
    dataset: str,
    method: str = "",
    setting: str = "zero-shot",
    without: tuple[str, ...] = (),
) -> Published:
    """A method of Table 1, 2 or 3, or the best of all but the paper's own and `without`."""
    return Published(table=table, setting=setting, dataset=dataset, method=method, without=without)


def published_tuned(dataset: str, method: str = "", without: tuple[str, ...] = ()) -> Published:
    """A fine-tuned method of Table 1 or 2, or the best of them."""
    table = 1 if dataset == "MSR-VTT" else 2
    return published(table, dataset, method, "fine-tuning", without)


def over(better: Side, *worse: Side, metric: str = "R@1") -> Inequality:
    """`better` does better than `worse`, or than the best of them."""
    return Inequality(better=better, worse=worse, metric=metric)
