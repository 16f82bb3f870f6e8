"""Where the numbers come from: runs, machines, commits, hours; and runs that failed."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analysis.results import Record, ancestors
from analysis.store.damage import readable
from analysis.study import Study
from experiments.registry import SWEEPS
from unify.config import WarmStartConfig
from unify.files import read_json
from unify.records import RecordError, RunDirectory


@dataclass(frozen=True, kw_only=True)
class Run:
    """A finished run, as the page names it."""

    path: Path
    name: str
    """Sweep and label."""
    seed: int | None
    signature: str
    commit: str
    """Seven digits, with a plus where the checkout had changes; empty where it is not recorded."""
    machine: str
    minutes: float | None
    """From its start to its result; runs at the same time slow each other down."""
    is_start: bool
    """Whether it is a warm start."""


def used(study: Study) -> list[Record]:
    """The finished runs behind the rows of the registry, each once, in its order."""
    found = {
        record.signature: record
        for column in study.columns
        for name, sweep in SWEEPS.items()
        if not sweep.parts
        for variant in study.variants(column, name)
        for record in study.runs(column, name, variant.label)
    }
    return list(found.values())


def provenance(records: Iterable[Record]) -> list[Run]:
    """The runs and all that they start from, each once: warm starts, then trainings."""
    paths = [record.path for record in records]
    behind = [parent for path in paths for parent in ancestors(path)]
    found: dict[str, Run] = {}
    for path in dict.fromkeys([*paths, *behind]):
        made = run(RunDirectory(path))
        found.setdefault(made.signature, made)
    return sorted(found.values(), key=lambda run: not run.is_start)


def run(directory: RunDirectory) -> Run:
    """What a finished run's records say of its making; RecordError where they are damaged."""
    meta, result = directory.meta(), directory.result()
    surroundings = _surroundings(directory)
    seconds = _group(result, "seconds").get("total")
    return Run(
        path=directory.path,
        name=f"{meta['sweep']}/{meta['label']}",
        seed=result.get("seed"),
        signature=meta["signature"],
        commit=_commit(_group(surroundings, "git")),
        machine=_machine(surroundings),
        minutes=seconds / 60 if isinstance(seconds, int | float) else None,
        is_start=meta["kind"] == WarmStartConfig.__name__,
    )


def failures(study: Study) -> dict[str, str]:
    """Runs that ended with an error and have no result: directory -> why."""
    if study.source is None:
        return {}
    found = {}
    for path in sorted(study.source.glob("*/*/failure.json")):
        directory = RunDirectory(path.parent)
        if not directory.result_path.exists():
            found[f"{path.parent.parent.name}/{path.parent.name}"] = _why(directory)
    return found


def counted(values: Iterable[str]) -> str:
    """Each value with how often it occurs, the most frequent first; a single one alone."""
    found = Counter(value for value in values if value).most_common()
    if len(found) == 1:
        return found[0][0]
    return ", ".join(f"{value} ({count} runs)" for value, count in found)


def _surroundings(directory: RunDirectory) -> Mapping[str, Any]:
    try:
        with readable(directory.environment_path):
            found = read_json(directory.environment_path)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _commit(git: Mapping[str, Any]) -> str:
    commit = str(git.get("commit") or "")[:7]
    return f"{commit}+" if commit and git.get("dirty") else commit


def _machine(surroundings: Mapping[str, Any]) -> str:
    gpus = surroundings.get("gpus") or []
    if gpus:
        return f"{len(gpus)} x {str(gpus[0]).split(',')[0]}"
    cores, processor = surroundings.get("cpus"), surroundings.get("processor")
    return " of ".join(filter(None, [f"{cores} cores" if cores else "", processor]))


def _group(record: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = record.get(name)
    return found if isinstance(found, dict) else {}


def _why(directory: RunDirectory) -> str:
    try:
        with readable(directory.failure_path):
            failure = directory.failure()
    except RecordError as error:
        return str(error)
    found = failure if isinstance(failure, dict) else {}
    return f"{found.get('type', 'an error')}: {found.get('message', 'without a message')}"
