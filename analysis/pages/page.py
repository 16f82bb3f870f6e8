"""What the page and the report hold: every table, figure and claim that the finished runs allow."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import Any

from analysis import (
    choices,
    claims,
    figure3,
    figure4,
    figure5,
    figure6,
    table1,
    table2,
    table3,
    table4,
    table5,
    training_curves,
)
from analysis.errors import AnalysisError
from analysis.judge.claim import OUTCOMES, Verdict
from analysis.pages.missing import Missing, missing
from analysis.pages.provenance import Run, failures, provenance, used
from analysis.study import PAPER, Study
from analysis.tabulate.table import (
    DIFFERS,
    INCOMPLETE,
    MATCHES,
    MINIATURE,
    NOT_RUN,
    Table,
)

TABLES = (table1, table2, table3, table4, table5)
FIGURES = (figure3, figure4, figure5, figure6, training_curves)
"""Modules with `TITLE`, `caption(study)` and `write(study, out)`."""

STATUSES = {
    True: (MATCHES, DIFFERS, INCOMPLETE, NOT_RUN),
    False: (MINIATURE, INCOMPLETE, NOT_RUN),
}
"""What a cell can be, by whether it is of the paper's own preset."""


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A figure as far as the runs allow it."""

    name: str
    title: str
    caption: str = ""
    """Markdown."""
    files: tuple[Path, ...] = ()
    problem: str = ""
    """Why there is none, in one line with the command that makes its runs."""

    def kind(self, ending: str) -> list[Path]:
        """Its files of a kind, such as "png": one for each column with runs."""
        return [path for path in self.files if path.suffix == f".{ending}"]


@dataclass(frozen=True, kw_only=True)
class Page:
    """A study with everything that was made of it."""

    study: Study
    tables: tuple[Table, ...]
    choices: tuple[Any, ...]
    figures: tuple[Figure, ...]
    verdicts: tuple[Verdict, ...]
    runs: tuple[Run, ...]
    """Those behind the rows shown, warm starts first."""
    files: tuple[Path, ...]
    """All that was written."""

    def cells(self, column: str) -> dict[str, int]:
        """Status -> number of the tables' cells of a column, for each status it can have."""
        cells = [cell for table in self.tables for cell in table.cells]
        found = Counter(cell.status for cell in cells if cell.preset == column)
        if column != PAPER:
            found[NOT_RUN] = sum(c.preset == PAPER for c in cells) - found.total()
        return {status: found[status] for status in STATUSES[column == PAPER]}

    def outcomes(self, column: str) -> dict[str, int]:
        """Outcome -> number of claims of a column."""
        found = Counter(v.outcome for v in self.verdicts if v.column == column)
        return {outcome: found[outcome] for outcome in OUTCOMES}

    @property
    def trained(self) -> list[Run]:
        """The runs but for warm starts."""
        return [run for run in self.runs if not run.is_start]

    @property
    def damaged(self) -> dict[str, str]:
        """Runs that are left out: sweep and directory -> why."""
        return {
            f"{path.parent.name}/{path.name}": why.replace(f"{path}/", "")
            for path, why in self.study.damaged.items()
        }

    @property
    def hours(self) -> float:
        """Of all runs, one after the other."""
        return sum(run.minutes or 0 for run in self.runs) / 60

    @cached_property
    def missing(self) -> list[Missing]:
        """Rows that no run has finished."""
        return missing(self.study)

    @cached_property
    def failures(self) -> dict[str, str]:
        """Runs that failed."""
        return failures(self.study)


def gather(study: Study, out: Path) -> Page:
    """Write every part into `out`, and read what the page says of it.

    Raises:
        AnalysisError: where no row of the registry has a finished run.
    """
    records = used(study)
    if not records:
        raise _nothing(study)
    figures = tuple(_figure(study, module, out) for module in FIGURES)
    written = _written(module.write(study, out) for module in (*TABLES, choices, claims))
    return Page(
        study=study,
        tables=tuple(module.table(study) for module in TABLES),
        choices=tuple(choices.tables(study)),
        figures=figures,
        verdicts=tuple(claims.judge(study)),
        runs=tuple(provenance(records)),
        files=(*written, *_written(figure.files for figure in figures)),
    )


def _nothing(study: Study) -> AnalysisError:
    column = list(study.columns)[-1]
    if not study.records:
        train = study.command(column, "paper")
        return AnalysisError(f"{study.source} holds no finished run; {train} trains them all")
    return AnalysisError(
        f"none of the {len(study.records)} finished runs in {study.source} is a row of preset "
        f"{column}; name their preset with --preset, and what was changed with --set"
    )


def _figure(study: Study, module: ModuleType, out: Path) -> Figure:
    """A figure; one that cannot be drawn never stops the others."""
    name = module.__name__.rpartition(".")[2]
    try:
        files = tuple(module.write(study, out))
        caption = module.caption(study)
    except ValueError as error:
        return Figure(name=name, title=module.TITLE, problem=" ".join(str(error).split()))
    return Figure(name=name, title=module.TITLE, caption=caption, files=files)


def _written(parts: Iterable[Iterable[Path]]) -> list[Path]:
    """All paths of all parts, each once."""
    return list(dict.fromkeys(path for paths in parts for path in paths))
