"""The command line of the paper's tables.

Prints the table (--format), or what it takes to make its cells (--commands), or whether they are
as published (--check); --out DIR writes DIR/tables/tableN.{md,tex,csv} too.
"""

import shlex
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby

from analysis import command
from analysis.study import PAPER, Study
from analysis.tabulate import formats
from analysis.tabulate.remarks import comparison
from analysis.tabulate.table import DIFFERS, INCOMPLETE, NOT_RUN, Cell, Table
from unify.config import signature


def main(prog: str, doc: str, table: Callable[[Study], Table], argv: list[str] | None) -> int:
    """The exit status: 0; 2 where it cannot be done; with --check as `check` says."""
    options = _parser(prog, doc).parse_args(argv)

    def answer() -> int:
        study = command.study(options)
        return _answer(prog, study, table(study), options)

    return command.guarded(prog, answer)


def check(prog: str, study: Study, cells: Iterable[Cell]) -> int:
    """1 where a cell of the paper's preset differs, else 2 where one was not run or only on a part
    of its test set, else 0; each is named on stderr."""
    cells = [cell for cell in cells if cell.preset == PAPER]
    differing, partial, absent = (
        [cell for cell in cells if cell.status == status]
        for status in (DIFFERS, INCOMPLETE, NOT_RUN)
    )
    for cell in differing:
        print(f"{prog}: differs: {comparison(cell)}", file=sys.stderr)
    for where, metrics, cell in _rows(partial):
        told = f"{cell.coverage} ({', '.join(cell.places)}); {_doctor(cell)}"
        print(f"{prog}: incomplete: {where} {metrics}: {told}", file=sys.stderr)
    for where, metrics, cell in _rows(absent):
        print(f"{prog}: not run: {where} {metrics}: {_train(study, PAPER, cell)}", file=sys.stderr)
    matching = len(cells) - len(differing) - len(partial) - len(absent)
    print(
        f"{matching} cells match, {len(differing)} differ, {len(partial)} are of incomplete test "
        f"sets, {len(absent)} were not run"
    )
    return 1 if differing else 2 if partial or absent else 0


def commands(study: Study, cells: Iterable[Cell]) -> str:
    """For each cell and preset, what trains it and what evaluates it; one entry for the metrics
    that come together."""
    cells = [cell for cell in cells if cell.preset == PAPER]
    lines = (
        line
        for where, metrics, cell in _rows(cells)
        for preset in study.columns
        for line in (
            f"{where}, {metrics}, preset {preset}",
            f"  train:    {_train(study, preset, cell)}",
            *(f"  evaluate: {words}" for words in _evaluate(study, preset, cell)),
        )
    )
    return "\n".join(lines) + "\n"


def _parser(prog: str, doc: str) -> ArgumentParser:
    made = command.parser(prog, doc)
    how = made.add_mutually_exclusive_group()
    how.add_argument("--format", choices=formats.FORMATS, default="md", help="default: md")
    how.add_argument(
        "--check",
        action="store_true",
        help="exit with 1 where a cell of the paper's preset differs, 2 where one was not run or "
        "not on the whole test set",
    )
    how.add_argument(
        "--commands", action="store_true", help="what trains and evaluates each cell's run"
    )
    return made


def _answer(prog: str, study: Study, table: Table, options: Namespace) -> int:
    written = formats.write(table, options.out) if options.out else []
    if options.check:
        status = check(prog, study, table.cells)
    else:
        status = 0
        made = (
            commands(study, table.cells)
            if options.commands
            else formats.FORMATS[options.format](table)
        )
        print(made, end="")
    for path in written:
        print(f"wrote {path}", file=sys.stderr)
    return status


def _rows(cells: Iterable[Cell]) -> Iterator[tuple[str, str, Cell]]:
    """Neighbours that differ in the metric alone: their row, the metrics, and one of them."""
    for (where, _), found in groupby(cells, key=lambda cell: (cell.where, cell.coverage)):
        members = list(found)
        yield where, " ".join(cell.metric for cell in members), members[0]


def _train(study: Study, preset: str, cell: Cell) -> str:
    seeds = [run.seed for run in study.runs(preset, cell.sweep, cell.label)]
    return study.command(preset, cell.sweep, cell.label, seeds if len(seeds) > 1 else ())


def _doctor(cell: Cell) -> str:
    """What names the clips that are missing."""
    corpus = cell.places[0].partition("/")[0]
    return f"python experiments/data.py check {corpus} --root DIR names what is missing"


def _evaluate(study: Study, preset: str, cell: Cell) -> Iterator[str]:
    """For each seed's run, or for where the first will lie: a pattern that the shell fills in."""
    config = study.config(preset, cell.sweep, cell.label)
    runs = study.runs(preset, cell.sweep, cell.label)
    names = [shlex.quote(str(run.path)) for run in runs if run.directory.is_finished()]
    for name in names or ([f"{study.home}/*/*-{signature(config)}"] if config else []):
        yield from (f"python experiments/evaluate.py {name} {place}" for place in cell.places)
