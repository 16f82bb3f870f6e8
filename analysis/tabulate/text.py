"""How numbers and tables are written as text."""

import math
from collections.abc import Sequence
from html import escape

PLUS_MINUS = "\u00b1"


def cell(mean: float | None, std: float | None) -> str:
    """Mean and spread, without the spread of a single seed; a dash for what is missing."""
    if mean is None or math.isnan(mean):
        return "-"
    one_seed = std is None or math.isnan(std)
    return f"{mean:.1f}" if one_seed else f"{mean:.1f} {PLUS_MINUS} {std:.1f}"


def plain(text: str) -> str:
    """A text of others, such as a caption, so that Markdown shows it as it is."""
    return "".join(f"\\{c}" if c in "\\`*_[]|$#" else c for c in escape(text, quote=False))


def markdown(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"
