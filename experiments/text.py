"""Tables and counts in plain text."""

from collections.abc import Sequence, Sized


def columns(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Left-aligned columns under their names, as wide as needed."""
    table = [list(header), *[list(row) for row in rows]]
    widths = [max(len(row[k]) for row in table) for k in range(len(header))]
    lines = ["  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)) for row in table]
    return "\n".join(line.rstrip() for line in lines)


def count(things: Sized, noun: str) -> str:
    """`1 run`, `2 runs`."""
    return f"{len(things)} {noun}" if len(things) == 1 else f"{len(things)} {noun}s"
