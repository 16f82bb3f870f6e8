"""Run a sweep of experiments; what is finished is kept, what is missing is trained.

python experiments/sweep.py --list
python experiments/sweep.py stem_depth --preset smoke
python experiments/sweep.py stem_depth --seeds 0 1 2 --only N=6 N=9 --dry-run
python experiments/sweep.py stem_depth --set plan.epochs=5 data.num_frames=2
"""

import shlex
import sys
from argparse import ArgumentTypeError, Namespace
from pathlib import Path

if not __package__:  # started as a script: import from the repository, not from this folder
    sys.path[0] = str(Path(__file__).resolve().parents[1])

from experiments import overview
from experiments.base import base_config, check_effect
from experiments.options import (
    Parser,
    add_config_options,
    check_seed,
    name_of,
    natural,
    positive,
    reason,
)
from experiments.plan import Plan, make_plan
from experiments.preflight import cautions, check_ready
from experiments.registry import SWEEPS
from slurm.executors import EXECUTORS
from unify.config.errors import ConfigError
from unify.records import RecordError

INTERRUPTED = 130


def main(argv: list[str] | None = None) -> int:
    """0 when all is finished, 1 when a run failed, 2 when the request cannot be understood."""
    options = _parse(argv)
    try:
        if options.list or options.sweep is None:
            print(_listing(options))
            return 0
        return _answer(_plan(options), options, argv)
    except (ConfigError, RecordError, OSError) as error:
        print(f"sweep.py: {reason(error)}", file=sys.stderr)
        return 2


def _listing(options: Namespace) -> str:
    """All sweeps, or one sweep's runs."""
    base = base_config(options.preset, dict(options.changes))
    if options.sweep is None:
        return overview.sweeps_text(SWEEPS.values(), base)
    return overview.variants_text(SWEEPS[options.sweep], base)


def _parse(argv: list[str] | None) -> Namespace:
    parser = Parser(prog="sweep.py", description=__doc__)
    parser.add_argument("sweep", nargs="?", type=name_of("sweep", SWEEPS), metavar="SWEEP")
    parser.add_argument("--list", action="store_true", help="name all sweeps, or the runs of one")
    parser.add_argument("--dry-run", action="store_true", help="show what would be done")
    parser.add_argument("--status", action="store_true", help="show where each run stands")
    parser.add_argument("--only", nargs="+", action="extend", default=[], metavar="LABEL")
    parser.add_argument("--seeds", type=natural, nargs="+", default=[], metavar="K")
    parser.add_argument("--jobs", type=positive, metavar="K", help="runs at once")
    parser.add_argument("--executor", type=_executor, default="local", help="local or debug")
    add_config_options(parser)
    options = parser.parse_args(argv)
    given = sys.argv[1:] if argv is None else argv
    if options.sweep is None and given and not options.list:
        first = given[0]
        parser.error(f"name a sweep before {first}, such as: sweep.py stem_depth {first} ...")
    return options


def _executor(name: str) -> str:
    if name == "slurm":
        raise ArgumentTypeError("slurm comes with the cluster profiles; use local or debug")
    return name_of("executor", EXECUTORS)(name)


def _plan(options: Namespace) -> Plan:
    sweep, changes = SWEEPS[options.sweep], dict(options.changes)
    check_effect(sweep, options.preset, changes)
    check_seed(changes, "--seeds", options.seeds)
    return make_plan(
        sweep,
        base_config(options.preset, changes, options.data_root),
        preset=options.preset,
        runs=options.runs,
        seeds=options.seeds,
        only=options.only,
    )


def _answer(plan: Plan, options: Namespace, argv: list[str] | None) -> int:
    if options.dry_run:
        print(overview.plan_text(plan))
        return 0
    if options.status:
        print(overview.status_text(plan))
        return 0
    check_ready(plan)
    for line in cautions(plan):
        print(f"WARNING: {line}", file=sys.stderr)
    return _run(plan, options, sys.argv[1:] if argv is None else argv)


def _run(plan: Plan, options: Namespace, argv: list[str]) -> int:
    from experiments import launch, logs, summary
    from experiments.display import display

    if options.executor == "debug":
        logs.to_stderr()
    for line in launch.retried(plan):
        print(line)
    try:
        with display(plan, lines=options.executor == "debug") as shown:
            pool = launch.launch(plan, options.executor, options.jobs, shown)
    except KeyboardInterrupt:
        return _interrupted(plan, argv)
    print(summary.results_text(plan.runs) or "no results yet")
    print(summary.write_report(plan, options.runs, dict(options.changes)))
    print(f"curves: {summary.tensorboard_command(plan)}")
    failures = summary.failures_text(plan, pool)
    print(failures or f"{plan.sweep.name}: all {len(plan.runs)} runs are finished")
    return 1 if failures else 0


def _interrupted(plan: Plan, argv: list[str]) -> int:
    finished = sum(run.directory.is_finished() for run in plan.runs)
    print(f"stopped; {finished} of {len(plan.runs)} runs are finished, the others can go on")
    print(f"continue with: {shlex.join(['python', sys.argv[0], *argv])}")
    return INTERRUPTED


if __name__ == "__main__":
    sys.exit(main())
