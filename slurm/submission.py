"""Tasks to a SLURM cluster: one array for all that can wait in the queue side by side."""

import io
import math
import os
import shlex
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stderr
from dataclasses import dataclass
from graphlib import TopologicalSorter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from slurm.profile import Profile
from slurm.queue import SlurmError, complaint, require, signals_held
from slurm.task import Task

if TYPE_CHECKING:
    from submitit import SlurmExecutor

FIELDS_OF_REFUSALS = {
    "account/partition": "account, partition",
    "accounting/qos policy": "qos, account, time, nodes",
    "partition": "partition",
    "account": "account",
    "qos": "qos",
    "feature": "constraint",
    "time limit": "time",
    "node count": "nodes",
    "mem": "memory_gb",
    "generic resource": "gpus_per_node",
    "gres": "gpus_per_node",
    "gpu": "gpus_per_node",
    "cpu count": "cpus_per_task",
    "processors": "cpus_per_task, tasks_per_node",
    "unrecognized option": "[sbatch]",
    "node configuration": "nodes, gpus_per_node, cpus_per_task, tasks_per_node, memory_gb",
}
"""Words of sbatch's refusals, the first that fits counts, and the fields that they are about."""

LEAVE_TOGETHER = ("--kill-on-bad-exit=1", "--wait=60")
"""A task that fails ends the others at once, one that leaves does so after this time."""

DEAF = """bash -c 'trap "" USR2; exec "$@"' --"""
"""Before python: a warning that comes before python can heed it must not kill."""

CLIENT_VARIABLES = frozenset(["SLURM_CONF", "SLURM_CLUSTERS", "SLURM_JWT"])
"""Variables that tell SLURM's commands which cluster to speak to."""


@dataclass(frozen=True, kw_only=True)
class Submission:
    """How tasks go to the cluster."""

    profile: Profile
    name: str
    """Of all jobs, in the queue."""
    folder: Path
    """Absolute, seen by all nodes: batch files, pickled calls, logs."""
    jobs: int | None
    """How many elements of one array run at once; None: the profile's."""
    environment: Mapping[str, str]
    """Exported in the batch files."""


def sbatch_texts(
    tasks: Sequence[Task], submission: Submission, queued: Mapping[str, str]
) -> list[str]:
    """The files that `submit` would hand to sbatch, in order; nothing is written.

    <id of array K> stands for what sbatch will answer to file K, counted from 1.
    """
    ids, texts = dict(queued), []
    for number, generation in enumerate(_generations(tasks, queued), 1):
        executor = _executor(submission, generation, ids)
        texts.append(_text(executor, len(generation)))
        ids |= _element_ids(f"ARRAY{number}", generation)
    for number in range(1, len(texts)):
        texts = [text.replace(f":ARRAY{number}", f":<id of array {number}>") for text in texts]
    return texts


def submit(
    tasks: Sequence[Task],
    submission: Submission,
    queued: Mapping[str, str],
    submitted: Callable[[Mapping[str, str]], None],
) -> None:
    """Hand the tasks to sbatch, each generation after the elements that it needs have ended.

    queued: ids of jobs that are in the queue already, by the keys of their tasks. What a task needs
        and is neither in `tasks` nor here counts as done.
    submitted: called after each sbatch with the new ids by key, so that they are known even if the
        next sbatch fails.
    Raises SlurmError.
    """
    require("sbatch", "srun")
    if "%" in str(submission.folder):
        raise SlurmError(f"{submission.folder}: SLURM reads % in paths as a pattern; rename it")
    ids = dict(queued)
    for generation in _generations(tasks, queued):
        executor = _executor(submission, generation, ids)
        with signals_held():  # what sbatch has accepted must be known
            new = _submit(executor, generation, submission.profile)
            submitted(new)
        ids |= new


def _generations(tasks: Sequence[Task], queued: Mapping[str, str]) -> Iterator[list[Task]]:
    """Tasks that need nothing, those that need these or queued ones, and so on."""
    known = {task.key for task in tasks}
    sorter = TopologicalSorter({task.key: task.needs & (known | queued.keys()) for task in tasks})
    sorter.prepare()
    while sorter.is_active():
        ready = sorter.get_ready()
        if generation := [task for task in tasks if task.key in ready]:
            yield generation
        sorter.done(*ready)


def _submit(
    executor: "SlurmExecutor", generation: Sequence[Task], profile: Profile
) -> dict[str, str]:
    from submitit.core.utils import FailedJobError, FailedSubmissionError

    try:
        with _login_environment(profile), redirect_stderr(io.StringIO()), executor.batch():
            jobs = [executor.submit(task.function, *task.arguments) for task in generation]
    except (FailedJobError, FailedSubmissionError) as error:
        raise _refusal(str(error), profile) from None
    except OSError as error:
        raise SlurmError(f"cannot submit: {error}") from None
    return {task.key: job.job_id for task, job in zip(generation, jobs, strict=True)}


def _executor(
    submission: Submission, generation: Sequence[Task], ids: Mapping[str, str]
) -> "SlurmExecutor":
    from submitit import SlurmExecutor  # not before something is submitted

    class Executor(SlurmExecutor):
        """Its texts can be had on machines without SLURM, too."""

        @classmethod
        def affinity(cls) -> int:
            return 2

    python = submission.profile.python or shlex.quote(sys.executable)
    executor = Executor(submission.folder, python=f"{DEAF} {python}")
    executor.update_parameters(
        **_resources(submission.profile),
        job_name=submission.name,
        array_parallelism=submission.jobs or submission.profile.jobs or len(generation),
        dependency=_dependency(generation, ids),
        setup=_setup(submission),
        stderr_to_stdout=True,
        wckey=None,
    )
    return executor


def _resources(profile: Profile) -> dict[str, Any]:
    """In submitit's words."""
    memory = profile.memory_gb and f"{math.ceil(1024 * profile.memory_gb)}M"
    own = {"requeue": True, "signal": f"USR2@{profile.signal_seconds}"}
    # srun takes neither the batch job's --cpus-per-task (since 22.05), nor its variables where
    # the user asked sbatch for --export=NONE
    srun = [f"--cpus-per-task={profile.cpus_per_task}", "--export=ALL", *LEAVE_TOGETHER]
    return {
        "partition": profile.partition,
        "account": profile.account,
        "qos": profile.qos,
        "constraint": profile.constraint,
        "time": profile.minutes,
        "nodes": profile.nodes,
        "ntasks_per_node": profile.processes_per_node,
        "cpus_per_task": profile.cpus_per_task,
        "gpus_per_node": profile.gpus_per_node or None,
        "mem": memory,
        "additional_parameters": own | dict(profile.sbatch),
        "srun_args": [*srun, *profile.srun],
    }


def _setup(submission: Submission) -> list[str]:
    threads = str(submission.profile.cpus_per_task)
    variables = {"OMP_NUM_THREADS": threads, "MKL_NUM_THREADS": threads, **submission.environment}
    exports = [f"export {name}={shlex.quote(value)}" for name, value in variables.items()]
    return [*exports, "set -e", *submission.profile.setup, "set +e"]


def _dependency(generation: Sequence[Task], ids: Mapping[str, str]) -> str | None:
    """Jobs to wait for, however they end: each element sees for itself whether all is there."""
    keys = sorted({key for task in generation for key in task.needs if key in ids})
    return ":".join(["afterany", *dict.fromkeys(ids[key] for key in keys)]) if keys else None


def _text(executor: "SlurmExecutor", count: int) -> str:
    """The batch file as submitit makes it; a single task is no array."""
    if count > 1:
        executor.parameters["map_count"] = count
    return executor._make_submission_file_text(executor._submitit_command_str, uid="")


def _element_ids(array: str, generation: Sequence[Task]) -> dict[str, str]:
    if len(generation) == 1:
        return {generation[0].key: array}
    return {task.key: f"{array}_{place}" for place, task in enumerate(generation)}


def _refusal(stderr: str, profile: Profile) -> SlurmError:
    reason = complaint(stderr) or "no reason given"
    fields = [field for word, field in FIELDS_OF_REFUSALS.items() if word in reason.lower()]
    where = f" (see {fields[0]} in {profile.file or profile.name})" if fields else ""
    return SlurmError(f"sbatch: {reason}{where}")


@contextmanager
def _login_environment(profile: Profile) -> Iterator[None]:
    """Submit as from a login shell, from within a job as well; the profile outranks variables.

    The user's own SBATCH_ACCOUNT and the like count where the profile says nothing.
    """
    asked = ("account", "partition", "qos", "constraint")
    kept = CLIENT_VARIABLES | {
        f"SBATCH_{name.upper()}" for name in asked if getattr(profile, name) is None
    }
    prefixes = ("SLURM_", "SBATCH_", "SUBMITIT_")
    hidden = {
        name: os.environ.pop(name)
        for name in list(os.environ)
        if name.startswith(prefixes) and name not in kept
    }
    try:
        yield
    finally:
        os.environ.update(hidden)
