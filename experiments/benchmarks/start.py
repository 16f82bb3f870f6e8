"""How a benchmark is started: options that all have, here or as a job, errors in one line."""

import os
import sys
import tempfile
from argparse import Namespace
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from experiments.options import Parser, add_place_options, cluster_profile
from slurm.queue import SlurmError
from unify.reasons import reason


def add_common_options(parser: Parser) -> None:
    """--output and where it runs."""
    parser.add_argument("--output", type=Path, metavar="FILE", help="write the record as JSON")
    add_place_options(parser, "local", "slurm")


def run(
    benchmark: str,
    options: Namespace,
    argv: Sequence[str],
    measure: Callable[[Namespace], None],
    variables: Mapping[str, str] | None = None,
) -> int:
    """Measure here, or in a job of a cluster; `variables` are the environment's unless set there.

    Returns:
        0, or 2 with one line where something is missing; a job's own exit code.
    """
    try:
        if profile := cluster_profile(options):
            from experiments.remote import run_one

            module = f"experiments.benchmarks.{benchmark}"
            return run_one(module, argv, options, profile, variables)
        for name, value in (variables or {}).items():  # before torch is loaded
            os.environ.setdefault(name, value)
        if options.output:
            _try_writing_beside(options.output)
        measure(options)
    except (ValueError, OSError, SlurmError) as error:
        print(f"{benchmark}.py: {reason(error)}", file=sys.stderr)
        return 2
    return 0


def _try_writing_beside(path: Path) -> None:
    """OSError before minutes are spent on a record that cannot be written."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=path.parent):
        pass
