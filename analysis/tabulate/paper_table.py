"""A table of the paper beside what the finished runs measured."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from analysis.paper.published import PublishedRow, beside, dataset_notes, rows
from analysis.study import ALTERED, PAPER, Study
from analysis.tabulate.cells import cells
from analysis.tabulate.remarks import Cells, Entry, missing, remarks
from analysis.tabulate.table import NOT_RUN, PUBLISHED, Column, Row, Section, Shown, Table, ranked


@dataclass(frozen=True, kw_only=True)
class Layout:
    """How one of the paper's tables is arranged."""

    number: int
    title: str
    section: Callable[[PublishedRow], str]
    """Rows of one title are compared with each other."""
    texts: Mapping[str, Callable[[PublishedRow], str]]
    """Head -> what stands there; the first one names the row."""


def build(study: Study, layout: Layout) -> Table:
    """The table, with a group of columns for the paper and for each column of the study."""
    published = [row for row in rows(layout.number) if row.has_numbers]
    every = [_entry(study, each) for row in published for each in (row, *beside(row))]
    entries = [(row, found) for row, found in every if row.has_numbers]
    further = [(row, found) for row, found in every if found and not row.has_numbers]
    columns = _columns(study, published)
    parts = _parts(layout, [(row, found) for row, found in every if found or row.has_numbers])
    notes = list(_notes(parts))
    return Table(
        name=f"Table {layout.number}",
        number=layout.number,
        title=layout.title,
        heads=tuple(layout.texts),
        columns=columns,
        sections=tuple(_section(layout, columns, *part, notes) for part in parts.items()),
        notes=tuple(notes),
        remarks=tuple(remarks(study, entries, further)),
        missing=tuple(missing(study, entries)),
        cells=tuple(cell for _, found in entries for cell in found.values()),
        beside=tuple(cell for _, found in further for cell in found.values()),
    )


def _entry(study: Study, row: PublishedRow) -> Entry:
    return row, {(cell.preset, cell.metric): cell for cell in cells(study, row)}


def _columns(study: Study, published: list[PublishedRow]) -> tuple[Column, ...]:
    """Published numbers and ours are ranked together, each miniature apart."""
    pools = {PUBLISHED: PUBLISHED} | {p: PUBLISHED if p == PAPER else p for p in study.columns}
    return tuple(
        Column(source=source, group=_title(source), metric=metric, pool=pool)
        for source, pool in pools.items()
        for metric in published[0].values
    )


def _title(source: str) -> str:
    titles = {PUBLISHED: PUBLISHED, PAPER: "ours", ALTERED: ALTERED}
    return titles.get(source, f"miniature ({source})")


def _parts(layout: Layout, entries: list[Entry]) -> dict[str, list[Entry]]:
    """Title of a section -> its rows, both in the paper's order."""
    found: dict[str, list[Entry]] = {}
    for entry in entries:
        found.setdefault(layout.section(entry[0]), []).append(entry)
    return found


def _notes(parts: Mapping[str, list[Entry]]) -> dict[str, None]:
    """The footnotes, each once, in the order of their marks."""
    found: dict[str, None] = {}
    for members in parts.values():
        found |= dict.fromkeys(dataset_notes(members[0][0]))
        found |= dict.fromkeys(note for row, _ in members for note in row.notes)
    return found


def _section(
    layout: Layout,
    columns: tuple[Column, ...],
    title: str,
    members: list[Entry],
    notes: list[str],
) -> Section:
    made = (_row(layout, columns, entry, notes) for entry in members)
    common = dataset_notes(members[0][0])
    return Section(title=title, rows=ranked(columns, made), marks=_marks(common, notes))


def _marks(found: Iterable[str], notes: list[str]) -> tuple[int, ...]:
    return tuple(notes.index(note) + 1 for note in found)


def _row(layout: Layout, columns: tuple[Column, ...], entry: Entry, notes: list[str]) -> Row:
    row, found = entry
    return Row(
        texts=tuple(text(row) for text in layout.texts.values()),
        shown=tuple(_shown(row, column, found) for column in columns),
        marks=_marks(row.notes, notes),
    )


def _shown(row: PublishedRow, column: Column, found: Cells) -> Shown:
    """A dash for what the paper leaves out and what was not run; nothing for other methods, and for
    what the paper does not speak of."""
    if column.source == PUBLISHED and not row.has_numbers:
        return Shown()
    if column.source == PUBLISHED:
        return Shown(mean=row.values[column.metric], status=PUBLISHED)
    cell = found.get((column.source, column.metric))
    if cell is None:
        return Shown(status=NOT_RUN if row.own else "")
    return Shown(
        mean=cell.ours,
        std=cell.std,
        seeds=cell.seeds,
        status=cell.status,
        side=cell.side,
        coverage=cell.coverage,
        tolerance=cell.tolerance,
    )
