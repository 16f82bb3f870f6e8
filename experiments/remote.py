"""Commands of ours as jobs of a SLURM cluster, started and followed from here.

As with sweeps, jobs live on their own: the same command, started again, follows those that are
queued or running and submits what is missing.
"""

import hashlib
import json
import os
import shlex
import sys
from argparse import Namespace
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from experiments.cluster import alone
from experiments.options import without_launch_options
from experiments.remote_follower import Ending, Follower
from experiments.remote_job import INTERRUPTED, execute, log_of
from experiments.snapshot import Snapshot
from slurm.profile import Profile
from slurm.queue import jobs as queued_jobs
from slurm.submission import Submission, submit
from slurm.task import Task
from unify.files import read_json, write_json

DIGITS = 6
"""Of the hash in a job's name."""


@dataclass(frozen=True, kw_only=True)
class Command:
    """A call of a module's `main`, in one process."""

    key: str
    """Unique among those that run together; names files."""
    module: str
    arguments: tuple[str, ...]
    needs: frozenset[str] = frozenset()
    """Keys of commands that must have ended, well or not, before this one starts."""
    resumable: bool = False
    """Whether it goes on where it was stopped as if by Ctrl-C."""


@dataclass(frozen=True, kw_only=True)
class Batch:
    """Commands that are submitted together."""

    commands: Sequence[Command]
    profile: Profile
    name: str
    folder: Path
    jobs: int | None = None
    environment: Mapping[str, str] = field(default_factory=dict)

    def outcome(self, key: str) -> Path:
        """Where a command's exit code will be."""
        return self.folder / f"{key}.json"

    @property
    def record(self) -> Path:
        """The file of the jobs' ids."""
        return self.folder / "submitit" / "jobs.json"


def run_on_cluster(
    commands: Sequence[Command],
    profile: Profile,
    *,
    name: str,
    runs: Path = Path("runs"),
    jobs: int | None = None,
    detach: bool = False,
    environment: Mapping[str, str] | None = None,
) -> int:
    """Submit commands, wait for them and print what they printed.

    runs: their files go to jobs/NAME-HASH below it.
    jobs: how many run at once; None: as many as the profile lets.
    environment: variables of the jobs.
    Returns the worst exit code of the commands that no other one needs, 0 where nobody waits.
    Raises SlurmError.
    """
    name = f"{name}-{_hash(commands)}"
    batch = Batch(
        commands=commands,
        profile=_of_one_process(profile),
        name=name,
        folder=runs.resolve() / "jobs" / name,
        jobs=jobs,
        environment=environment or {},
    )
    ids = _submit_missing(batch, runs)
    if detach:
        _say(batch, f"the same command without --detach waits for them; files: {batch.folder}")
        return 0
    return _follow(batch, ids)


def run_one(
    module: str,
    argv: Sequence[str],
    options: Namespace,
    profile: Profile,
    environment: Mapping[str, str] | None = None,
) -> int:
    """`run_on_cluster` for a module's `main` alone, with the command line of this process."""
    name = module.rpartition(".")[2]
    command = Command(key=name, module=module, arguments=without_launch_options(argv))
    return run_on_cluster(
        [command], profile, name=name, detach=options.detach, environment=environment
    )


def _hash(commands: Sequence[Command]) -> str:
    """The same commands in the same folder have the same one."""
    calls = [[command.key, command.module, *command.arguments] for command in commands]
    return hashlib.sha256(json.dumps([os.getcwd(), calls]).encode()).hexdigest()[:DIGITS]


def _of_one_process(profile: Profile) -> Profile:
    gpus = min(1, profile.gpus_per_node)
    return replace(profile, nodes=1, tasks_per_node=1, gpus_per_node=gpus)


def _submit_missing(batch: Batch, runs: Path) -> dict[str, str]:
    """Key -> id of every command's job; two that do this at once submit each command once."""
    with alone(runs):
        ids = dict(read_json(batch.record) or {})
        found = queued_jobs()
        active = {
            key: job
            for key, job in ids.items()
            if job in found
            and found[job].active
            and found[job].name == batch.name
            and not batch.outcome(key).exists()
        }
        if active:
            _say(batch, f"queued or running already as job {_arrays(active)}")
        elif not batch.record.exists():
            _clear(batch)
        _submit(batch, active, ids, Snapshot(runs))
    return ids


def _clear(batch: Batch) -> None:
    """What the same command left when it ran before."""
    for command in batch.commands:
        outcome = batch.outcome(command.key)
        outcome.unlink(missing_ok=True)
        log_of(outcome).unlink(missing_ok=True)


def _submit(
    batch: Batch, active: Mapping[str, str], ids: dict[str, str], snapshot: Snapshot
) -> None:
    """Submit what is neither active nor through; its jobs come into `ids`."""
    tasks = [
        _task(batch, command)
        for command in batch.commands
        if command.key not in active and not batch.outcome(command.key).exists()
    ]
    if not tasks:
        return
    snapshot.take()
    variables = snapshot.variables(os.environ.get("PYTHONPATH", ""))
    submission = Submission(
        profile=batch.profile,
        name=batch.name,
        folder=batch.record.parent,
        jobs=batch.jobs,
        environment={**variables, **batch.environment},
    )

    def submitted(new: Mapping[str, str]) -> None:
        ids.update(new)
        write_json(batch.record, ids)
        _say(batch, f"submitted as job {_arrays(new)}")

    submit(tasks, submission, active, submitted)


def _task(batch: Batch, command: Command) -> Task:
    requeues = batch.profile.requeues if command.resumable else 0
    call = (str(batch.outcome(command.key)), str(requeues), command.module, *command.arguments)
    return Task(
        key=command.key,
        function=execute,
        arguments=call,
        folder=batch.folder,
        needs=command.needs,
    )


def _follow(batch: Batch, ids: Mapping[str, str]) -> int:
    outcomes = {command.key: batch.outcome(command.key) for command in batch.commands}
    follower = Follower(outcomes, ids, batch.record.parent)
    try:
        follower.run(lambda text: _say(batch, text))
    except KeyboardInterrupt:
        again = "the same command waits for them again"
        end = f"scancel {_arrays(ids)}"
        _say(batch, f"jobs go on by themselves; {again}, this ends them: {end}")
        return INTERRUPTED
    return _conclude(batch, follower.endings)


def _conclude(batch: Batch, endings: Mapping[str, Ending]) -> int:
    for command in batch.commands:
        if len(batch.commands) > 1:
            _say(batch, f"{command.key}:")
        if note := endings[command.key].note:
            _say(batch, note)
        else:
            print(log_of(batch.outcome(command.key)).read_text(errors="replace"), end="")
            sys.stdout.flush()
    batch.record.unlink(missing_ok=True)  # the same command begins anew
    needed = frozenset().union(*(command.needs for command in batch.commands))
    return max(ending.code for key, ending in endings.items() if key not in needed)


def _arrays(ids: Mapping[str, str]) -> str:
    """The jobs as scancel takes them, an array as a whole."""
    return shlex.join(dict.fromkeys(job.partition("_")[0] for job in ids.values()))


def _say(batch: Batch, text: str) -> None:
    """What is no output of the commands."""
    print(f"{batch.name}: {text}", file=sys.stderr, flush=True)
