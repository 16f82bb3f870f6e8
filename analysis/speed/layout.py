"""How a benchmark's rows become a table, and what is asked of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from analysis.speed.records import Record, Row


@dataclass(frozen=True, kw_only=True)
class Column:
    """A number of each line."""

    title: str
    field: str
    show: Callable[[Any], str]
    of: str | None = None
    """Whose number, in the same case; None for the line's own."""
    over: bool = False
    """Shows the number of `of` divided by the line's own: by how much that is more."""


@dataclass(frozen=True, kw_only=True)
class Bar:
    """What a number has to reach."""

    text: str
    where: dict[str, Any]
    """Fields of the line that it is asked of."""
    column: Column
    least: float
    on_cuda: bool


@dataclass(frozen=True, kw_only=True)
class Layout:
    """A benchmark's table: a line for each case and each contestant that is shown."""

    benchmark: str
    title: str
    contestant: str
    """The field that names them."""
    case: tuple[str, ...]
    """Fields that rows to be compared have in common."""
    name: Callable[[Row], str]
    """What a case is called."""
    columns: Sequence[Column]
    shown: Callable[[str], bool] = lambda name: True
    """Whether a contestant has lines of its own."""
    bars: Sequence[Bar] = ()


def lines(layout: Layout, record: Record) -> list[list[str]]:
    """The table's lines: case, contestant, then the columns."""
    rows = [row for row in record.rows if layout.shown(row.get(layout.contestant, ""))]
    return [
        [
            layout.name(row),
            str(row.get(layout.contestant)),
            *(_cell(layout, record, row, column) for column in layout.columns),
        ]
        for row in rows
    ]


def number(layout: Layout, record: Record, row: Row, column: Column) -> float | None:
    """What a column has for a row; None where that was not measured."""
    own = row.get(column.field)
    if column.of is None:
        return own
    other = _other(layout, record, row, column.of).get(column.field)
    if not column.over:
        return other
    return other / own if other is not None and own else None


def reached(layout: Layout, record: Record) -> list[tuple[Bar, float | None]]:
    """The bars of the record's device, each with what was measured."""
    asked = [bar for bar in layout.bars if bar.on_cuda == (record.device != "cpu")]
    return [(bar, _measured(layout, record, bar)) for bar in asked]


def _measured(layout: Layout, record: Record, bar: Bar) -> float | None:
    for row in record.rows:
        if all(row.get(name) == value for name, value in bar.where.items()):
            return number(layout, record, row, bar.column)
    return None


def _other(layout: Layout, record: Record, row: Row, name: str) -> Row:
    """The row of another contestant in the same case; empty where there is none."""
    for other in record.rows:
        same = all(other.get(field) == row.get(field) for field in layout.case)
        if same and other.get(layout.contestant) == name:
            return other
    return {}


def _cell(layout: Layout, record: Record, row: Row, column: Column) -> str:
    found = number(layout, record, row, column)
    return "-" if found is None else column.show(found)
