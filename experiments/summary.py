"""What a sweep ends with: numbers, files, and what went wrong."""

import os
import shlex
from collections.abc import Iterable, Mapping
from importlib import import_module
from pathlib import Path
from statistics import mean, stdev
from typing import Protocol

from experiments.plan import Plan, PlannedRun
from experiments.progress import failure_line
from experiments.text import columns
from unify.config.corpora import CORPORA
from unify.data.corpora.coverage import shortfall
from unify.reasons import reason

REPRESENTATIONS = ("latent", "lexicon", "fused")
METRICS = ("R@1", "R@5", "R@10", "MedR", "top-1", "top-5")
"""Of retrieval, text to video, and of action recognition."""
NOT_BEGUN = "cannot start"
"""How the errors of runs begin that no process was started for."""


class Outcome(Protocol):
    """How the runs of a launch ended."""

    status: Mapping[str, str]
    """Signature -> `done`, `failed`, `blocked` or another state."""
    errors: Mapping[str, str]
    """Signature of a failed run -> why, in a line."""


Cell = tuple[str, str, str, str]
"""Corpus and split, row, representation, metric."""


def results_text(runs: Iterable[PlannedRun]) -> str:
    """Text-to-video retrieval and action recognition of the finished runs, a table per test set;
    seeds as mean and std."""
    runs = list(runs)
    values, lacking = _values(runs), _lacking(runs)
    places = dict.fromkeys(place for place, *_ in values)
    return "\n\n".join(
        f"{_title(place)}\n{_table(place, values)}{lacking.get(place, '')}" for place in places
    )


def write_report(plan: Plan, runs: Path, changes: Mapping[str, str]) -> str:
    """Let the sweep's own report show the finished runs; what it wrote, or why nothing."""
    if not any(run.directory.state() == "finished" for run in plan.runs):
        return "no report: no run is finished"
    try:
        command = import_module("analysis.command")
        first, *others = command.report(plan.sweep.report, runs, plan.preset, changes)
    except (ValueError, OSError) as error:
        return f"no report: {reason(error)}"
    return f"wrote {first}" + (f" and {len(others)} files beside it" if others else "")


def tensorboard_command(plan: Plan) -> str:
    """The command that shows all curves of the sweep."""
    folders = [str(run.directory.path.parent) for run in plan.runs]
    return f"tensorboard --logdir {shlex.quote(os.path.commonpath(folders))}"


def failures_text(plan: Plan, outcome: Outcome) -> str:
    """Failed runs with their error and a log, those with the same error together, and the runs that
    wait for them; damaged results."""
    alike: dict[str, list[PlannedRun]] = {}
    for run in plan.everything:
        if _has_failed(run, outcome):
            alike.setdefault(_impersonal(_reason(run, outcome), run), []).append(run)
    return "\n".join(_failure(runs, plan, outcome) for runs in alike.values())


def notes_text(plan: Plan, outcome: Outcome) -> str:
    """What the runs that ended well came across on their way, a line each."""
    done = [run for run in plan.everything if outcome.status.get(run.signature) == "done"]
    lives = ((run, run.directory.last_attempt()) for run in done)
    return "\n".join(f"note: {run.name}: {life.note}" for run, life in lives if life and life.note)


def _has_failed(run: PlannedRun, outcome: Outcome) -> bool:
    return outcome.status.get(run.signature) == "failed" or run.directory.state() == "damaged"


def _impersonal(line: str, run: PlannedRun) -> str:
    """An error without what is particular about the run that it is of."""
    names = (str(run.directory.path.resolve()), str(run.directory.path), run.name, run.label)
    for name in names:
        line = line.replace(name, "RUN")
    return line


def _failure(runs: list[PlannedRun], plan: Plan, outcome: Outcome) -> str:
    first, names = runs[0], ", ".join(run.name for run in runs)
    who, blocker, whose = names, "it", ""
    if len(runs) > 1:
        who, blocker, whose = f"{len(runs)} runs ({names})", "them", f" (of {first.name})"
    line = f"failed: {who}: {_reason(first, outcome)}{_log(first, outcome)}{whose}"
    blocked = [c.name for c in plan.runs if any(_waits_for(c, run, outcome) for run in runs)]
    return f"{line}\n  blocked by {blocker}: {', '.join(blocked)}" if blocked else line


def _reason(run: PlannedRun, outcome: Outcome) -> str:
    """What the run says itself, unless it was not even begun: that may be of an earlier time."""
    said = outcome.errors.get(run.signature, "")
    return said if said.startswith(NOT_BEGUN) else failure_line(run) or said


def _log(run: PlannedRun, outcome: Outcome) -> str:
    """Where to read more; nothing of damaged records, nor where the error of a job says it."""
    if run.directory.damage() or "log: " in _reason(run, outcome):
        return ""
    log = run.directory.log_path
    return f"; log: {log if log.exists() else run.directory.path / 'submitit'}"


def _waits_for(child: PlannedRun, parent: PlannedRun, outcome: Outcome) -> bool:
    parents = [run.signature for run in child.parents.values()]
    return outcome.status.get(child.signature) == "blocked" and parent.signature in parents


def _values(runs: Iterable[PlannedRun]) -> dict[Cell, list[float]]:
    values: dict[Cell, list[float]] = {}
    for run in runs:
        for row in _rows(run):
            place = f"{row['corpus']}/{row['split']}"
            cell = (place, run.row, row["representation"], row["metric"])
            values.setdefault(cell, []).append(row["value"])
    return values


def _rows(run: PlannedRun) -> list[dict]:
    if run.directory.state() != "finished":
        return []
    rows = run.directory.result()["metrics"]
    return [r for r in rows if r.get("direction") == "t2v" or r["metric"].startswith("top-")]


def _lacking(runs: Iterable[PlannedRun]) -> dict[str, str]:
    """Test set -> a line that says how much of it runs were evaluated on, where it was not all."""
    found: dict[str, str] = {}
    for run in runs:
        finished = run.directory.state() == "finished"
        coverage = run.directory.result().get("coverage", {}) if finished else {}
        for place, counted in coverage.items():
            if part := shortfall(counted):
                found[place] = f"\n{run.row}: {part}: not the published test set"
    return found


def _title(place: str) -> str:
    corpus = CORPORA.get(place.partition("/")[0])
    if corpus is None:  # of another version
        return place
    return f"{place}, {'text to video' if corpus.task == 'retrieval' else 'actions'}"


def _table(place: str, values: dict[Cell, list[float]]) -> str:
    labels = dict.fromkeys(label for where, label, *_ in values if where == place)
    keys = [(name, metric) for name in REPRESENTATIONS for metric in METRICS]
    shown = [key for key in keys if any((place, label, *key) in values for label in labels)]
    rows = [
        [label, *[_cell(values.get((place, label, *key))) for key in shown]] for label in labels
    ]
    return columns(["run", *[f"{name} {metric}" for name, metric in shown]], rows)


def _cell(values: list[float] | None) -> str:
    if not values:
        return "-"
    spread = f" +- {stdev(values):.1f}" if len(values) > 1 else ""
    return f"{mean(values):.1f}{spread}"
