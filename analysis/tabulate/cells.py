"""What the finished runs say of a row of the paper's tables."""

from collections.abc import Iterator
from dataclasses import dataclass
from statistics import mean, stdev

from analysis.coverage import shortfall
from analysis.measured import measured
from analysis.paper.published import PublishedRow, Target
from analysis.paper.tolerance import tolerance
from analysis.results import Record
from analysis.study import PAPER, Study
from analysis.tabulate.table import (
    DIFFERS,
    INCOMPLETE,
    MATCHES,
    MEASURED,
    MINIATURE,
    NOT_RUN,
    Cell,
)


@dataclass(frozen=True, kw_only=True)
class Found:
    """What the seeds of a row measured."""

    values: tuple[float, ...]
    coverage: str
    """How much of the test sets was there, where no seed had all."""


def cells(study: Study, row: PublishedRow) -> list[Cell]:
    """One per metric for the paper's preset, run or not, and for each miniature that was run; of a
    row that the paper does not have, of what was run alone."""
    if row.target is None:
        return []
    found = [
        _cell(study, row, row.target, column, m)
        for column in (PAPER, *study.miniature)
        for m in row.values
    ]
    return [cell for cell in found if cell.seeds or (cell.preset == PAPER and row.has_numbers)]


def incomplete(study: Study, row: PublishedRow) -> Iterator[tuple[Record, str]]:
    """Runs of the paper's preset on a part of the row's test sets, and on how much of them."""
    target = row.target
    for record in study.runs(PAPER, target.sweep, target.label) if target else ():
        for metric in row.values:
            if part := shortfall(record, _places(row, metric)):
                yield record, part


def _cell(study: Study, row: PublishedRow, target: Target, column: str, metric: str) -> Cell:
    found = _found(study, row, target, column, metric)
    ours = mean(found.values) if found.values else None
    paper = row.values[metric] if column == PAPER else None
    allowed = tolerance(row, metric) if column == PAPER else None
    return Cell(
        table=row.table,
        setting=row.setting,
        row=row.name,
        method=row.method,
        dataset=row.dataset if row.has_numbers else _told(row),
        direction=row.direction,
        metric=metric,
        paper=paper,
        ours=ours,
        std=stdev(found.values) if len(found.values) > 1 else None,
        seeds=len(found.values),
        preset=column,
        status=_status(row, column, found, metric),
        coverage=found.coverage,
        tolerance=allowed,
        sweep=target.sweep,
        label=target.label,
        representation=target.representation,
        places=tuple(dict.fromkeys(p for name in row.values for p in _places(row, name))),
    )


def _told(row: PublishedRow) -> str:
    return f"{row.dataset}, {row.protocol}" if row.protocol else row.dataset


def _status(row: PublishedRow, column: str, found: Found, metric: str) -> str:
    """A value with no published one to compare it with does not match."""
    if not found.values:
        return NOT_RUN
    if found.coverage:
        return INCOMPLETE
    if column != PAPER:
        return MINIATURE
    if not row.has_numbers:
        return MEASURED
    paper, allowed = row.values[metric], tolerance(row, metric)
    known = paper is not None and allowed is not None
    return MATCHES if known and abs(mean(found.values) - paper) <= allowed else DIFFERS


def _found(study: Study, row: PublishedRow, target: Target, column: str, metric: str) -> Found:
    """Of each seed that has it; a part of a test set counts only where no seed had all of it."""
    places = _places(row, metric)
    whole, parts = [], {}
    for record in study.runs(column, target.sweep, target.label):
        found = measured(record, target.representation, metric, places)
        part = shortfall(record, places)
        if found is not None:
            (parts.setdefault(part, []) if part else whole).append(found.value)
    if whole:
        return Found(values=tuple(whole), coverage="")
    values = tuple(value for each in parts.values() for value in each)
    return Found(values=values, coverage="; ".join(parts))


def _places(row: PublishedRow, metric: str) -> tuple[str, ...]:
    return tuple(each.place for each in row.test_sets(metric))
