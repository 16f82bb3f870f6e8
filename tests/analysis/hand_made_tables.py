"""Whole tables of hand-made runs."""

from pathlib import Path

from hand_made import row

from analysis.paper import published
from analysis.study import Study, read_study
from analysis.tabulate.table import Cell, Row, Shown, Table

LABELS = {"A": "no_sharing", "B": "sharing", "C": "sharing_distillation"}


def table4_as_published(runs: Path, preset: str = "paper", seed: int = 0, **changes: dict) -> None:
    """A run per line with the paper's own numbers; `changes`: letter -> {representation: values}
    that replace them."""
    for letter, label in LABELS.items():
        values = {
            published.METHODS[each.method]: dict(each.values)
            for each in published.rows(4)
            if each.line == letter
        }
        for part, changed in changes.get(letter, {}).items():
            values[part] |= changed
        row(runs, "unified_learning", label, seed, preset=preset, **values)


def study(runs: Path, **options) -> Study:
    """Of all runs in a folder, which may be missing."""
    runs.mkdir(exist_ok=True)
    return read_study(runs, **options)


def line(table: Table, name: str, part: str = "") -> Row:
    """The row of a name, in the section of a title."""
    sections = [section for section in table.sections if section.title == part]
    return next(row for section in sections for row in section.rows if row.texts[0] == name)


def shown(table: Table, name: str, part: str, source: str, metric: str) -> Shown:
    """A number of a row; `source` as in `Column`."""
    columns = [(column.source, column.metric) for column in table.columns]
    return line(table, name, part).shown[columns.index((source, metric))]


def cells(table: Table, **fields) -> list[Cell]:
    """Those with these fields."""
    return [c for c in table.cells if all(getattr(c, k) == v for k, v in fields.items())]
