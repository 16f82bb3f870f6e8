"""Tables as data, whatever they are printed as."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import compress

from analysis.measured import LOWER_IS_BETTER

PUBLISHED, MEASURED, MATCHES, DIFFERS = "published", "measured", "matches", "differs"
NOT_RUN, MINIATURE, INCOMPLETE = "not run", "miniature", "incomplete"
STATUSES = (MATCHES, DIFFERS, INCOMPLETE, NOT_RUN, MINIATURE)
"""Of a cell that this repository is to measure; incomplete: of a part of the test set."""

BEST, SECOND = 1, 2


@dataclass(frozen=True, kw_only=True)
class Cell:
    """A number of the paper that this repository is to measure, for one preset."""

    table: int
    setting: str
    row: str
    """A letter with its content, or the setting in tables whose rows are methods."""
    method: str
    dataset: str
    direction: str
    metric: str
    paper: float | None
    """Published value; None for a miniature, which has nothing to be compared with."""
    ours: float | None
    """Mean over seeds."""
    std: float | None
    """Sample standard deviation (n - 1); None for fewer than two seeds."""
    seeds: int
    preset: str
    status: str
    """One of `STATUSES`; `MEASURED` where the paper has no such number."""
    coverage: str
    """How much of the test set was there, in words; empty where all of it was."""
    tolerance: float | None
    """Largest difference, on either side, that still matches."""
    sweep: str
    """Of the registry."""
    label: str
    representation: str
    places: tuple[str, ...]
    """Test sets of its row, `corpus/split`."""

    @property
    def where(self) -> str:
        """Which row it is in, in words."""
        return f"{self.row}, {self.method}, {self.dataset}"

    @property
    def side(self) -> str:
        """higher or lower, where it differs."""
        if self.status != DIFFERS or self.ours is None or self.paper is None:
            return ""
        return "higher" if self.ours > self.paper else "lower"


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A number in a table; without a mean it is a dash, without a status too it is no cell."""

    mean: float | None = None
    std: float | None = None
    seeds: int = 0
    status: str = ""
    """`PUBLISHED`, one of `STATUSES`, or `MEASURED` where there is nothing to compare with."""
    side: str = ""
    """higher or lower, where it differs from the published value."""
    coverage: str = ""
    """How much of the test set was there, where that is not all."""
    tolerance: float | None = None
    rank: int = 0
    """`BEST`, `SECOND`, or 0."""

    @property
    def told(self) -> str:
        """What stands behind the number, if anything."""
        return f"{INCOMPLETE}: {self.coverage}" if self.coverage else self.side


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column of numbers."""

    source: str
    """`PUBLISHED`, a preset, or whatever else its numbers are of."""
    group: str
    """Stands above the metric."""
    metric: str
    pool: str = ""
    """Numbers of one pool and metric are ranked together; empty: not at all."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """A line of a table."""

    texts: tuple[str, ...]
    """Its name, and whatever else stands before the numbers."""
    shown: tuple[Shown, ...]
    """One per column."""
    marks: tuple[int, ...] = ()
    """Numbers of footnotes."""


@dataclass(frozen=True, kw_only=True)
class Section:
    """Rows that are compared with each other."""

    title: str
    """Empty where a table has but one."""
    rows: tuple[Row, ...]
    marks: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Missing:
    """Cells without a number, and the command that would produce them."""

    what: str
    command: str


@dataclass(frozen=True, kw_only=True)
class Table:
    """What is printed."""

    name: str
    """Such as "Table 4"; files are called after it."""
    number: int | None
    """The paper's; None for a table that the paper does not have."""
    title: str
    heads: tuple[str, ...]
    """Above the texts of its rows."""
    columns: tuple[Column, ...]
    sections: tuple[Section, ...]
    notes: tuple[str, ...] = ()
    """Footnotes, numbered from 1."""
    remarks: tuple[str, ...] = ()
    """How to read it."""
    missing: tuple[Missing, ...] = ()
    cells: tuple[Cell, ...] = ()
    beside: tuple[Cell, ...] = ()
    """Measured cells that the paper has no number for: never counted, matching or missing."""

    @property
    def stem(self) -> str:
        """Of its files."""
        return self.name.lower().replace(" ", "")


def without_idle(table: Table) -> Table:
    """The table without the columns of presets that none of its cells was run with; a remark says
    so."""
    run = {cell.preset for cell in (*table.cells, *table.beside) if cell.ours is not None}
    dropped = [column for column in table.columns if column.source not in (*run, PUBLISHED)]
    if not dropped or not table.cells:
        return table
    kept = [column not in dropped for column in table.columns]
    groups = ", ".join(dict.fromkeys(column.group for column in dropped))
    remark = f"{groups}: none of these cells was run; their columns are in the CSV file alone."
    return replace(
        table,
        columns=tuple(compress(table.columns, kept)),
        sections=tuple(replace(s, rows=_columns_of(s.rows, kept)) for s in table.sections),
        remarks=(*table.remarks, remark),
    )


def _columns_of(rows: Iterable[Row], kept: Sequence[bool]) -> tuple[Row, ...]:
    return tuple(replace(row, shown=tuple(compress(row.shown, kept))) for row in rows)


def ranked(columns: Sequence[Column], rows: Iterable[Row]) -> tuple[Row, ...]:
    """The rows of a section with best and second best marked; equal as printed is equal."""
    rows = tuple(rows)
    values: dict[tuple[str, str], list[float]] = {}
    for column, shown in ((c, s) for row in rows for c, s in zip(columns, row.shown, strict=True)):
        if column.pool and _is_ranked(shown):
            values.setdefault((column.pool, column.metric), []).append(shown.mean)
    ranks = {key: _ranks(found, key[1]) for key, found in values.items()}
    return tuple(replace(row, shown=_marked(columns, row.shown, ranks)) for row in rows)


def _is_ranked(shown: Shown) -> bool:
    """A number of a part of a test set is no better or worse than one of the whole."""
    return shown.mean is not None and shown.status != INCOMPLETE


def _marked(
    columns: Sequence[Column],
    shown: Sequence[Shown],
    ranks: Mapping[tuple[str, str], Mapping[float, int]],
) -> tuple[Shown, ...]:
    return tuple(
        one
        if not _is_ranked(one)
        else replace(one, rank=ranks.get((c.pool, c.metric), {}).get(round(one.mean, 1), 0))
        for c, one in zip(columns, shown, strict=True)
    )


def _ranks(values: Sequence[float], metric: str) -> dict[float, int]:
    """Value as printed -> rank, of the two best; nothing where all are the same."""
    order = sorted({round(value, 1) for value in values}, reverse=metric not in LOWER_IS_BETTER)
    return dict(zip(order, (BEST, SECOND), strict=False)) if len(order) > 1 else {}
