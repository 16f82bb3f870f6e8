"""The command line that all tables, figures and pages have in common."""

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path

from analysis.study import AnalysisError, Study, read_study
from experiments.options import Parser, change, name_of, reason
from unify.config import PRESETS
from unify.config.errors import ConfigError
from unify.records import RecordError

HERE = Path(__file__).parent
RECORDS = HERE / "records"
"""The committed records of one whole miniature sweep."""

Write = Callable[[Study, Path], list[Path]]
"""Writes files below a folder and names them."""


def parser(prog: str, doc: str) -> ArgumentParser:
    """--runs, --out, --preset and --set."""
    made = Parser(prog=prog, description=doc)
    made.add_argument(
        "--runs", type=Path, default=RECORDS, metavar="DIR", help="default: the committed records"
    )
    made.add_argument("--out", type=Path, metavar="DIR", help="default: beside the runs")
    made.add_argument(
        "--preset",
        type=name_of("preset", PRESETS),
        default="mini",
        help="shown beside the paper's own preset (default: mini)",
    )
    made.add_argument(
        "--set",
        dest="changes",
        type=change,
        nargs="+",
        action="extend",
        default=[],
        metavar="NAME=VALUE",
        help="the changes that the runs were trained with",
    )
    return made


def study(options: Namespace) -> Study:
    """The runs that the options ask for."""
    return read_study(options.runs, options.preset, dict(options.changes))


def folder(runs: Path, preset: str, changes: Mapping[str, str]) -> Path:
    """Where files go by default: beside the committed records, or into the folder of runs."""
    if runs.resolve() == RECORDS:
        return HERE
    changed = "".join(f"-{name}={value}" for name, value in sorted(changes.items()))
    return runs / f"reproduced{'' if preset == 'mini' else '-' + preset}{changed}"


def main(prog: str, doc: str, write: Write, argv: list[str] | None) -> int:
    """Let `write` write what the command line asks for, and say what was written."""
    options = parser(prog, doc).parse_args(argv)
    out = options.out or folder(options.runs, options.preset, dict(options.changes))
    return guarded(prog, lambda: _say(write(study(options), out)))


def guarded(prog: str, function: Callable[[], int]) -> int:
    """The function's exit status, or 2 with one line where it cannot be done."""
    try:
        return function()
    except (AnalysisError, ConfigError, RecordError, OSError) as error:
        print(f"{prog}: {reason(error)}", file=sys.stderr)
        return 2


def report(module: str, runs: Path, preset: str, changes: Mapping[str, str]) -> list[Path]:
    """Let a sweep's report module write what its runs show; the files written."""
    found = read_study(runs, preset, changes)
    return import_module(module).write(found, folder(runs, preset, changes))


def _say(paths: list[Path]) -> int:
    for path in paths:
        print(f"wrote {path}")
    return 0
