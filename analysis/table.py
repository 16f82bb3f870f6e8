"""Parts that tables share: seeds to mean and std, Markdown."""

import math
from collections.abc import Sequence

import pandas

REPRESENTATIONS = ("latent", "lexicon", "fused")
RECALLS = ("R@1", "R@5", "R@10")
PLUS_MINUS = "\u00b1"


def over_seeds(frame: pandas.DataFrame, by: Sequence[str]) -> pandas.DataFrame:
    """`by`, mean, std (sample, n - 1; NaN for one seed) and seeds (their number)."""
    made = frame.groupby(list(by), sort=False)["value"].agg(["mean", "std", "count"])
    return made.rename(columns={"count": "seeds"}).reset_index()


def cell(mean: float | None, std: float | None) -> str:
    """Mean and spread, without the spread of a single seed; a dash for what is missing."""
    if mean is None or math.isnan(mean):
        return "-"
    one_seed = std is None or math.isnan(std)
    return f"{mean:.1f}" if one_seed else f"{mean:.1f} {PLUS_MINUS} {std:.1f}"


def markdown(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"
