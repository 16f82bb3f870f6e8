"""Run one config by hand, or the run of a directory.

  python experiments/run.py --preset mini --set model.stem_depth=6 plan.epochs=5
  python experiments/run.py --dir runs/stem_depth/N=6-0123456789ab
  torchrun --nproc_per_node 2 experiments/run.py --dir runs/stem_depth/N=6-0123456789ab

With a config, its missing warm starts are made first. A finished run is left as it is.
"""

import os
import sys
from argparse import Namespace
from pathlib import Path

if not __package__:  # started as a script: import from the repository, not from this folder
    sys.path[0] = str(Path(__file__).resolve().parents[1])

from experiments import logs
from experiments.base import base_config
from experiments.job import execute, execute_copied
from experiments.options import Parser, add_config_options, check_seed, natural
from experiments.plan import make_plan
from experiments.preflight import cautions, check_ready
from experiments.variants import Sweep, Variant
from unify.attempts import ClaimLost
from unify.config.errors import ConfigError
from unify.interruption import Interrupted, listening
from unify.reasons import reason
from unify.records import RecordError, RunDirectory


def main(argv: list[str] | None = None) -> int:
    """0 when the run is finished, 1 when it failed, 2 when the request cannot be understood."""
    options = _parse(argv)
    logs.to_stderr(tracebacks=False)
    try:
        directories = [RunDirectory(options.dir)] if options.dir else _prepare(options)
    except (ConfigError, RecordError, OSError) as error:
        print(f"run.py: {reason(error)}", file=sys.stderr)
        return 2
    try:
        with listening():
            return 0 if all(_execute(directory) for directory in directories) else 1
    except KeyboardInterrupt:  # a second Ctrl-C, for whom the step takes too long
        print("run.py: stopped at once; the same command goes on", file=sys.stderr)
        return 130


def _parse(argv: list[str] | None) -> Namespace:
    parser = Parser(prog="run.py", description=__doc__)
    parser.add_argument("--dir", type=Path, metavar="RUN_DIR", help="a run directory")
    parser.add_argument("--seed", type=natural, metavar="K", help="default: the config's")
    parser.add_argument("--label", default="run", help="names the new run's directory")
    add_config_options(parser)
    return parser.parse_args(argv)


def _prepare(options: Namespace) -> list[RunDirectory]:
    """Directories of the warm starts and of the run itself, each with its config."""
    changes = dict(options.changes)
    seeds = () if options.seed is None else (options.seed,)
    check_seed(changes, "--seed", seeds)
    base = base_config(options.preset, changes, options.data_root)
    by_hand = Sweep(
        name="by_hand",
        title="Runs started by hand",
        paper="",
        variants=lambda config: [Variant(options.label, config)],
    )
    plan = make_plan(by_hand, base, preset=options.preset, runs=options.runs, seeds=seeds)
    check_ready(plan)
    for line in cautions(plan):
        print(f"WARNING: {line}", file=sys.stderr)
    for run in plan.everything:
        run.create()
    return [run.directory for run in plan.everything]


def _execute(directory: RunDirectory) -> bool:
    try:
        already = directory.is_finished()
        if damage := directory.damage():
            raise RecordError(damage)
        if _is_other_rank():
            execute(str(directory.path))
        else:
            directory.check_unlocked()
            directory.clear_failure()
            execute_copied(str(directory.path))
    except RecordError as error:
        print(f"run.py: {error}", file=sys.stderr)
        return False
    except (Interrupted, ClaimLost) as stop:
        print(f"run.py: {directory.path}: {stop}; the same command goes on", file=sys.stderr)
        return False
    except Exception as error:
        print(
            f"run.py: {directory.path} failed: {type(error).__name__}: {reason(error)}; "
            f"log: {directory.log_path}",
            file=sys.stderr,
        )
        return False
    if not _is_other_rank():
        print(f"{directory.path}: {'was already finished' if already else 'finished'}")
    return True


def _is_other_rank() -> bool:
    """Whether torchrun started this process and another one keeps the records."""
    return os.environ.get("RANK", "0") != "0"


if __name__ == "__main__":
    sys.exit(main())
