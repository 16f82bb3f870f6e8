"""Tables as CSV: as printed, or a line per cell."""

import csv
from collections.abc import Iterable, Sequence
from io import StringIO

from analysis.study import PAPER
from analysis.tabulate.as_markdown import heading
from analysis.tabulate.table import PUBLISHED, Column, Shown, Table

TIDY = (
    "table",
    "row",
    "method",
    "dataset",
    "direction",
    "metric",
    "paper",
    "ours",
    "std",
    "seeds",
    "preset",
    "status",
    "coverage",
)
"""Fields of a cell; `ours` and `std` are empty where nothing was run, `coverage` where the whole
test set was."""


def as_csv(table: Table) -> str:
    """The table's rows; measured numbers with spread, seeds, how much of the test set they are
    of if not of all, and, for ours, the tolerance."""
    header = ["part", *table.heads, *(name for c in table.columns for name in _names(c))]
    lines = [
        [section.title, *row.texts, *_values(table.columns, row.shown)]
        for section in table.sections
        for row in section.rows
    ]
    return _text([header, *lines])


def as_tidy(table: Table) -> str:
    """A line for each of the paper's numbers that this repository is to measure, and for each that
    is measured beside them."""
    cells = (*table.cells, *table.beside)
    return _text([TIDY, *([_plain(getattr(cell, name)) for name in TIDY] for cell in cells)])


def _names(column: Column) -> list[str]:
    name = heading(column)
    return [name, *(f"{name} {part}" for part in _parts(column))]


def _parts(column: Column) -> list[str]:
    if column.source == PUBLISHED:
        return []
    common = ["std", "seeds", "coverage"]
    return [*common, "tolerance", "status"] if column.source == PAPER else common


def _values(columns: Sequence[Column], shown: Sequence[Shown]) -> list[str]:
    return [
        _plain(value)
        for column, one in zip(columns, shown, strict=True)
        for value in (one.mean, *(getattr(one, part) for part in _parts(column)))
    ]


def _plain(value: object) -> str:
    """Numbers with at most four decimals; nothing for None."""
    if value is None:
        return ""
    return f"{value:.4f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


def _text(lines: Iterable[Sequence[object]]) -> str:
    file = StringIO()
    csv.writer(file, lineterminator="\n").writerows(lines)
    return file.getvalue()
