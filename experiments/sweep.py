"""Run a sweep of experiments; what is finished is kept, what is missing is trained.

python experiments/sweep.py --list
python experiments/sweep.py stem_depth --preset smoke
python experiments/sweep.py stem_depth --seeds 0 1 2 --only N=6 N=9 --dry-run
python experiments/sweep.py stem_depth --set plan.epochs=5 data.num_frames=2
python experiments/sweep.py stem_depth --executor slurm --profile a100 --jobs 4
python experiments/sweep.py stem_depth --status
python experiments/sweep.py stem_depth --cancel
"""

import shlex
import sys
from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

if not __package__:  # started as a script: import from the repository, not from this folder
    sys.path[0] = str(Path(__file__).resolve().parents[1])

from experiments import logs, overview, text
from experiments.base import base_config, check_effect
from experiments.display import display
from experiments.options import (
    Parser,
    add_config_options,
    add_launch_options,
    check_seed,
    cluster_profile,
    name_of,
    natural,
)
from experiments.plan import Plan, make_plan
from experiments.preflight import cautions, check_ready
from experiments.registry import SWEEPS
from slurm.profile import Profile, ProfileError
from slurm.queue import SlurmError
from unify.config.errors import ConfigError
from unify.reasons import reason
from unify.records import RecordError

if TYPE_CHECKING:
    from experiments.summary import Outcome

INTERRUPTED = 130
EXECUTORS = ("local", "debug", "slurm")


def main(argv: list[str] | None = None) -> int:
    """0 when all is finished or submitted, 1 when a run failed, 2 when the request cannot be
    understood or met."""
    options = _parse(argv)
    try:
        if options.list or options.sweep is None:
            print(_listing(options))
            return 0
        return _answer(_plan(options), options, sys.argv[1:] if argv is None else argv)
    except (ConfigError, RecordError, ProfileError, SlurmError, OSError) as error:
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
    add = parser.add_argument
    add("sweep", nargs="?", type=name_of("sweep", SWEEPS), metavar="SWEEP", help="one of --list")
    do = parser.add_mutually_exclusive_group()
    do.add_argument("--list", action="store_true", help="name all sweeps, or the runs of one")
    do.add_argument("--dry-run", action="store_true", help="show what would be done")
    do.add_argument("--status", action="store_true", help="show where each run stands")
    do.add_argument("--cancel", action="store_true", help="cancel this sweep's jobs on SLURM")
    add("--only", nargs="+", action="extend", default=[], metavar="LABEL", help="some of its runs")
    add("--seeds", type=natural, nargs="+", default=[], metavar="K", help="each run once a seed")
    add("--yes", action="store_true", help="with --cancel: do not ask")
    add_launch_options(parser, *EXECUTORS)
    add_config_options(parser)
    options = parser.parse_args(argv)
    given = sys.argv[1:] if argv is None else argv
    if options.sweep is None and given and not options.list:
        first = given[0]
        parser.error(f"name a sweep before {first}, such as: sweep.py stem_depth {first} ...")
    return options


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


def _answer(plan: Plan, options: Namespace, argv: list[str]) -> int:
    if options.status:
        print(overview.status_text(plan))
        return 0
    if options.cancel:
        return _cancel(plan, options)
    profile = cluster_profile(options)
    if options.dry_run:
        print(overview.plan_text(plan))
        return _dry_run_on_cluster(plan, options, profile) if profile else 0
    check_ready(plan, profile.processes if profile else 1)
    for line in cautions(plan):
        print(f"WARNING: {line}", file=sys.stderr)
    return _train(plan, options, profile, argv)


def _dry_run_on_cluster(plan: Plan, options: Namespace, profile: Profile) -> int:
    from experiments import cluster

    for file in cluster.texts(cluster.prepare(plan, options.runs, profile, options.jobs)):
        print(f"\n{file}")
    try:
        check_ready(plan, profile.processes)
    except ConfigError as error:
        print(f"would be refused: {error}")
    return 0


def _cancel(plan: Plan, options: Namespace) -> int:
    from experiments.cancel import cancellation
    from slurm import queue

    found = cancellation(plan, options.runs)
    for one in found.kept:
        print(f"kept: {one.name}: jobs of other sweeps wait for it (scancel {one.job.id} ends it)")
    if found.others:
        names = ", ".join(one.name for one in found.others)
        print(f"not asked for, repeat the options that they were submitted with: {names}")
    if not found.jobs:
        print(f"{plan.sweep.name}: no job of these runs is to be cancelled")
        return 0
    print(f"to be cancelled: {', '.join(one.name for one in found.jobs)}")
    if not (options.yes or _agreed(f"cancel {text.count(len(found.jobs), 'job')}? [y/N] ")):
        print("nothing was cancelled")
        return 1
    queue.cancel(one.job.id for one in found.jobs)
    count = text.count(len(found.jobs), "job")
    print(f"cancelled {count}; what is finished stays, the others can go on")
    return 0


def _agreed(question: str) -> bool:
    try:
        return input(question).strip().lower() in ("y", "yes")
    except (EOFError, KeyboardInterrupt):  # nobody is there to answer, or somebody does not want
        print()
        return False


def _train(plan: Plan, options: Namespace, profile: Profile | None, argv: list[str]) -> int:
    from experiments import launch

    if options.executor == "debug":
        logs.to_stderr()
    for line in launch.retried(plan):
        print(line, flush=True)
    again = shlex.join(["python", sys.argv[0], *argv])
    try:
        if profile is None:
            outcome = _train_here(plan, options)
        elif (outcome := _train_on_cluster(plan, options, profile)) is None:
            return 0
    except KeyboardInterrupt:
        return _interrupted(plan, again, profile)
    return _conclude(plan, options, outcome)


def _train_here(plan: Plan, options: Namespace) -> "Outcome":
    from experiments import launch

    with display(plan, lines=options.executor == "debug") as shown:
        return launch.launch(plan, options.runs, options.executor, options.jobs, shown)


def _train_on_cluster(plan: Plan, options: Namespace, profile: Profile) -> "Outcome | None":
    """How the runs ended; None where nobody waits for that."""
    from experiments import cluster
    from experiments.follower import Follower

    def say(job: str, names: list[str]) -> None:
        print(f"submitted job {job}: {', '.join(names)}", flush=True)

    seen_to = cluster.submit_missing(plan, options.runs, profile, options.jobs, say)
    if options.detach:
        print(f"{text.count(seen_to, 'run')} queued or running; --status shows them")
        return None
    follower = Follower(plan.missing)
    with display(plan) as shown:
        follower.run(shown.update)
    return follower


def _conclude(plan: Plan, options: Namespace, outcome: "Outcome") -> int:
    from experiments import summary

    print(summary.results_text(plan.runs) or "no results yet")
    print(summary.write_report(plan, options.runs, dict(options.changes)))
    print(f"curves: {summary.tensorboard_command(plan)}")
    if notes := summary.notes_text(plan, outcome):
        print(notes)
    failures = summary.failures_text(plan, outcome)
    print(failures or f"{plan.sweep.name}: all {len(plan.runs)} runs are finished")
    return 1 if failures else 0


def _interrupted(plan: Plan, again: str, profile: Profile | None) -> int:
    finished = sum(run.directory.is_finished() for run in plan.runs)
    rest = "its jobs go on (--cancel ends them)" if profile else "the others can go on"
    print(f"stopped; {finished} of {len(plan.runs)} runs are finished, {rest}")
    print(f"continue with: {again}")
    return INTERRUPTED


if __name__ == "__main__":
    sys.exit(main())
