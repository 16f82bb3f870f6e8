"""The command line that all tables, figures and pages have in common."""

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path

from analysis.errors import AnalysisError
from analysis.study import RECORDS, Study, read_study
from experiments.options import Parser, add_preset_options
from unify.config import PRESETS, group
from unify.config.codec import override
from unify.config.errors import ConfigError
from unify.reasons import reason
from unify.records import RecordError

HERE = Path(__file__).parent
Write = Callable[[Study, Path], list[Path]]
"""Writes files below a folder and names them."""


def parser(prog: str, doc: str) -> ArgumentParser:
    """--runs, --out, --preset and --set."""
    made = Parser(prog=prog, description=doc)
    made.add_argument(
        "--runs", type=Path, default=RECORDS, metavar="DIR", help="default: the committed records"
    )
    made.add_argument("--out", type=Path, metavar="DIR", help="default: beside the runs")
    add_preset_options(made)
    return made


def study(options: Namespace) -> Study:
    """The runs that the options ask for."""
    return read_study(options.runs, options.preset, dict(options.changes))


def folder(runs: Path, preset: str, changes: Mapping[str, str]) -> Path:
    """Where files go by default: beside the committed records, or into the folder of runs, apart
    for each preset and each set of changes."""
    if runs.resolve() == RECORDS:
        return HERE
    parts = ["reproduced", *([] if preset == "mini" else [preset])]
    parts += [group(override(PRESETS[preset](), changes))[:8]] if changes else []
    return runs / "-".join(parts)


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
