"""What stands below a table of the paper: how to read it, and what is missing."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from analysis.paper.published import PublishedRow, protocols
from analysis.paper.tolerance import IN_WORDS
from analysis.study import ALTERED, Study
from analysis.tabulate.cells import incomplete
from analysis.tabulate.table import DIFFERS, INCOMPLETE, NOT_RUN, Cell, Missing
from analysis.tabulate.text import PLUS_MINUS

Cells = Mapping[tuple[str, str], Cell]
"""Preset and metric -> cell."""
Entry = tuple[PublishedRow, Cells]

MARKS = (
    "Bold is best, underlined second best, within a part of the table: published numbers together "
    "with ours, a miniature's by themselves."
)
OTHERS = "Numbers of other methods are published ones, measured by nobody here."
PAPERS_DASH = "A dash among published numbers is the paper's."
OURS = (
    "ours: the paper's preset, which takes CC3M, WebVid-2M and, in the paper, 8 GPUs; "
    f"mean {PLUS_MINUS} sample standard deviation over seeds."
)
MINIATURE = (
    "miniature: small models on drawn clips. Their numbers stand for themselves and are never "
    "compared with published ones."
)

ALTERATION = (
    f"{ALTERED}: changes that count make it another experiment, so its numbers are not compared "
    "with published ones."
)


BESIDE = (
    "Beside the paper's: rows without published numbers are measured in the same runs, by another "
    "protocol or by one branch alone; nothing is there to compare them with."
)


def remarks(study: Study, entries: Sequence[Entry], beside: Sequence[Entry]) -> Iterator[str]:
    """How to read the table, a paragraph each; `beside`: rows that the paper does not have."""
    rows = [row for row, _ in entries]
    cells = [cell for _, found in (*entries, *beside) for cell in found.values()]
    yield from _incomplete(cells)
    yield MARKS
    yield from [OTHERS] * any(not row.own for row in rows)
    yield from [PAPERS_DASH] * any(None in row.values.values() for row in rows)
    yield f"{OURS} {IN_WORDS} {_sizes(rows)}"
    yield from (ALTERATION if name == ALTERED else MINIATURE for name in study.miniature)
    yield from [BESIDE] * bool(beside)
    yield from _validated(study, entries)
    yield from _prepared(study, entries)
    yield from _seeds(cells)
    yield from _differing(cells)
    yield from _left_out(study, entries)


def missing(study: Study, entries: Sequence[Entry]) -> list[Missing]:
    """Rows without a number in a column, and what would produce them."""
    wanted: dict[tuple[str, str], dict[str, list[str]]] = {}
    several = len({row.dataset for row, _ in entries}) > 1
    for column in study.columns:
        for row, found in entries:
            lacking = [m for m in row.values if not _has_number(found.get((column, m)))]
            if row.target and lacking:
                command = study.command(column, row.target.sweep, row.target.label)
                name = f"{row.dataset}, {row.name}" if several else row.name
                names = wanted.setdefault((column, command), {}).setdefault(name, [])
                names.append(_named(row, lacking))
    return [
        Missing(
            what=f"{column}: " + "; ".join(f"{n} of {', '.join(m)}" for n, m in names.items()),
            command=command,
        )
        for (column, command), names in wanted.items()
    ]


def _has_number(cell: Cell | None) -> bool:
    return cell is not None and cell.ours is not None


def _named(row: PublishedRow, metrics: list[str]) -> str:
    """The method, and which of its metrics, if not all."""
    whole = len(metrics) == len(row.values)
    return row.method if whole else f"{row.method} ({' '.join(metrics)})"


def _sizes(rows: Iterable[PublishedRow]) -> str:
    found = [
        f"{dataset} has {_counted([each.queries for each in sets])} queries ({sets[0].about})"
        for dataset in dict.fromkeys(row.dataset for row in rows)
        for sets in protocols(dataset).values()
    ]
    return "; ".join(found) + "."


def _counted(sizes: Sequence[int]) -> str:
    """Each once."""
    return ", ".join(dict.fromkeys(map(str, sizes)))


def _incomplete(cells: Iterable[Cell]) -> Iterator[str]:
    """The refusal to take a number of a part of a test set for one of the paper's protocol."""
    found: dict[str, None] = {}
    for cell in cells:
        if cell.status == INCOMPLETE:
            found[f"{cell.row}, {cell.dataset} ({cell.preset}): {cell.coverage}"] = None
    if found:
        yield (
            f"INCOMPLETE TEST SETS, so not the paper's protocol: {'; '.join(found)}. These numbers "
            "are shown with what was there; they never count as matching, and no claim rests on "
            "them."
        )


def _validated(study: Study, entries: Iterable[Entry]) -> Iterator[str]:
    """On what the weights of fine-tuned runs were chosen."""
    found: dict[str, None] = {}
    for where, result in _results(study, entries):
        if chosen := result.get("validation"):
            found[f"{where}: {chosen['clips']} clips of {chosen['place']}"] = None
    if found:
        yield f"Fine-tuned weights were chosen on no test set: {'; '.join(found)}."


def _prepared(study: Study, entries: Iterable[Entry]) -> Iterator[str]:
    """Whose clips were compressed again before they were trained or evaluated on."""
    found = {
        f"{where}: {corpus} ({form})": None
        for where, result in _results(study, entries)
        for corpus, form in result.get("storage", {}).items()
    }
    if found:
        yield f"On prepared clips, which may cost or gain a little: {'; '.join(found)}."


def _results(study: Study, entries: Iterable[Entry]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Dataset and preset, and the result, of every run behind the rows."""
    for row, cells in entries:
        for preset in dict.fromkeys(preset for preset, _ in cells if row.target):
            for record in study.runs(preset, row.target.sweep, row.target.label):
                yield f"{row.dataset} ({preset})", record.directory.result()


def _seeds(cells: Iterable[Cell]) -> Iterator[str]:
    """How many seeds are behind the numbers of each preset."""
    counts: dict[str, dict[int, dict[str, None]]] = {}
    for cell in cells:
        if cell.seeds:
            counts.setdefault(cell.preset, {}).setdefault(cell.seeds, {})[cell.row] = None
    for preset, found in counts.items():
        parts = [
            f"{n} ({', '.join(rows)})" if len(found) > 1 else str(n) for n, rows in found.items()
        ]
        yield f"Seeds, {preset}: {', '.join(parts)}."


def _differing(cells: Iterable[Cell]) -> Iterator[str]:
    found = [comparison(cell) for cell in cells if cell.status == DIFFERS]
    if found:
        yield f"Differs: {'; '.join(found)}."


def comparison(cell: Cell) -> str:
    """A cell beside the published value, in words."""
    bound = "no tolerance" if cell.tolerance is None else f"tolerance {cell.tolerance:.1f}"
    numbers = f"{cell.ours:.1f} is {cell.side} than {cell.paper:.1f}"
    return f"{cell.where} {cell.metric}: {numbers} ({bound})"


def _left_out(study: Study, entries: Iterable[Entry]) -> Iterator[str]:
    found = {
        f"{record.path} ({part})"
        for row, cells in entries
        for record, part in incomplete(study, row)
        if any(cell.status not in (INCOMPLETE, NOT_RUN) for cell in cells.values())
    }
    if found:
        yield f"Left out, as other seeds had whole test sets: {'; '.join(sorted(found))}."
