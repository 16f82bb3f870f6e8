"""What the finished runs say of a row of the paper's tables."""

from collections.abc import Iterator
from statistics import mean, stdev
from typing import Any

from analysis.paper.published import PublishedRow, Target
from analysis.paper.tolerance import tolerance
from analysis.results import Record
from analysis.study import PAPER, Study
from analysis.tabulate.table import DIFFERS, MATCHES, MINIATURE, NOT_RUN, Cell


def cells(study: Study, row: PublishedRow) -> list[Cell]:
    """One per metric for the paper's preset, run or not, and for each miniature that was run."""
    if not row.own:
        return []
    found = [
        _cell(study, row, column, m) for column in (PAPER, *study.miniature) for m in row.values
    ]
    return [cell for cell in found if cell.preset == PAPER or cell.seeds]


def incomplete(study: Study, row: PublishedRow) -> Iterator[tuple[Record, int]]:
    """Runs of the paper's preset that answered another number of queries than the test set has:
    they are left out."""
    if row.target is not None:
        for record in study.runs(PAPER, row.target.sweep, row.target.label):
            counts = {found["queries"] for found in _rows(record, row, row.target)}
            yield from ((record, count) for count in counts if count != row.queries)


def _cell(study: Study, row: PublishedRow, column: str, metric: str) -> Cell:
    values = _values(study, row, column, metric)
    ours = mean(values) if values else None
    paper = row.values[metric] if column == PAPER else None
    allowed = tolerance(row, metric) if column == PAPER else None
    target = row.target or Target(sweep="", label="", representation="", place="")
    return Cell(
        table=row.table,
        setting=row.setting,
        row=row.name,
        method=row.method,
        dataset=row.dataset,
        direction=row.direction,
        metric=metric,
        paper=paper,
        ours=ours,
        std=stdev(values) if len(values) > 1 else None,
        seeds=len(values),
        preset=column,
        status=_status(column, paper, ours, allowed),
        tolerance=allowed,
        sweep=target.sweep,
        label=target.label,
        representation=target.representation,
        place=target.place,
    )


def _status(column: str, paper: float | None, ours: float | None, allowed: float | None) -> str:
    """A value with no published one to compare it with does not match."""
    if ours is None:
        return NOT_RUN
    if column != PAPER:
        return MINIATURE
    known = paper is not None and allowed is not None
    return MATCHES if known and abs(ours - paper) <= allowed else DIFFERS


def _values(study: Study, row: PublishedRow, column: str, metric: str) -> list[float]:
    """Of each seed that has it."""
    if row.target is None or column not in study.columns:
        return []
    records = study.runs(column, row.target.sweep, row.target.label)
    return [
        found["value"]
        for record in records
        for found in _rows(record, row, row.target)
        if found["metric"] == metric and (column != PAPER or found["queries"] == row.queries)
    ]


def _rows(record: Record, row: PublishedRow, target: Target) -> list[dict[str, Any]]:
    """The metrics of one representation on the row's test set."""
    wanted = (*target.place.split("/"), row.direction, target.representation)
    names = ("corpus", "split", "direction", "representation")
    return [found for found in record.metrics if tuple(found[n] for n in names) == wanted]
