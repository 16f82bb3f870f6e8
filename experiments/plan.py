"""From a sweep to runs with directories: what there is to do (no torch)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from experiments.registry import Sweep, Variant
from unify.config import PRESETS, RunConfig, WarmStartConfig, signature, warm_starts
from unify.config.codec import Config, differences
from unify.config.errors import ConfigError, unknown
from unify.config.validate import validate
from unify.records import RunDirectory, State, find_run

ACTIONS: dict[State, str] = {
    "finished": "keep",
    "damaged": "delete its result",
    "running": "wait for it",
    "failed": "try again",
    "interrupted": "resume",
    "new": "train",
}


@dataclass(frozen=True, kw_only=True)
class PlannedRun:
    """A run, its place on disk, and the runs that it starts from."""

    label: str
    sweep: str
    config: Config
    directory: RunDirectory
    changes: Mapping[str, tuple[object, object]]
    """Fields that differ from the preset: name -> (preset's value, this run's)."""
    parents: Mapping[str, "PlannedRun"] = field(default_factory=dict)

    @property
    def signature(self) -> str:
        """The run's identity."""
        return signature(self.config)

    @property
    def name(self) -> str:
        """Label, and seed where it is not 0."""
        return _name(self.label, self.config.seed)

    def create(self) -> None:
        """Write the run's `config.json`."""
        parents = {part: parent.directory.path for part, parent in self.parents.items()}
        RunDirectory.create(
            self.directory.path, self.config, label=self.label, sweep=self.sweep, parents=parents
        )


@dataclass(frozen=True, kw_only=True)
class Plan:
    """All runs of one command, those that others start from first."""

    sweep: Sweep
    preset: str
    runs: tuple[PlannedRun, ...]
    """The sweep's own runs, in its order."""

    @property
    def warm_starts(self) -> tuple[PlannedRun, ...]:
        """The runs that others start from, each once."""
        parents = [parent for run in self.runs for parent in run.parents.values()]
        return tuple({parent.signature: parent for parent in parents}.values())

    @property
    def missing(self) -> tuple[PlannedRun, ...]:
        """What is to be trained, in order of start: warm starts, then the longest runs."""
        runs = [run for run in self.runs if not run.directory.is_finished()]
        needed = {parent.signature for run in runs for parent in run.parents.values()}
        starts = [run for run in self.warm_starts if run.signature in needed]
        starts = [run for run in starts if not run.directory.is_finished()]
        return (*starts, *sorted(runs, key=_cost, reverse=True))

    @property
    def everything(self) -> tuple[PlannedRun, ...]:
        """Warm starts, then the sweep's runs."""
        return self.warm_starts + self.runs


def make_plan(
    sweep: Sweep,
    base: RunConfig,
    *,
    preset: str,
    runs: Path,
    seeds: Sequence[int] = (),
    only: Sequence[str] = (),
) -> Plan:
    """Every run of the sweep that was asked for; nothing is written.

    A run that any sweep has made under `runs` is found by its signature and used again.
    """
    variants = _chosen(sweep.variants(base), only)
    configs = [
        (variant.label, replace(variant.config, seed=seed))
        for variant in variants
        for seed in dict.fromkeys(seeds or (base.seed,))
    ]
    planned = [_planned(label, sweep.name, config, preset, runs) for label, config in configs]
    _check_distinct(planned)
    return Plan(sweep=sweep, preset=preset, runs=tuple(planned))


def _chosen(variants: list[Variant], only: Sequence[str]) -> list[Variant]:
    labels = [variant.label for variant in variants]
    for label in only:
        if label not in labels:
            raise unknown("label", label, labels)
    return [variant for variant in variants if not only or variant.label in only]


def _planned(label: str, sweep: str, config: RunConfig, preset: str, runs: Path) -> PlannedRun:
    try:
        validate(config)
    except ConfigError as error:
        raise ConfigError(f"{label}: {error}") from error
    default = PRESETS[preset]()
    parents = {
        part: _warm_start(part, start, warm_starts(default).get(part), runs)
        for part, start in warm_starts(config).items()
    }
    return PlannedRun(
        label=label,
        sweep=sweep,
        config=config,
        directory=_place(runs, sweep, _name(label, config.seed), config),
        changes=differences(default, config),
        parents=parents,
    )


def _warm_start(
    part: str, config: WarmStartConfig, default: WarmStartConfig | None, runs: Path
) -> PlannedRun:
    validate(config)
    return PlannedRun(
        label=f"{part} warm start",
        sweep="warm_start",
        config=config,
        directory=_place(runs, "warm_start", part, config),
        changes=differences(default or config, config),
    )


def _place(runs: Path, sweep: str, name: str, config: Config) -> RunDirectory:
    identity = signature(config)
    folder = name.replace("/", "_").replace(" ", "_")
    return find_run(runs, identity) or RunDirectory(runs / sweep / f"{folder}-{identity}")


def _name(label: str, seed: int) -> str:
    return f"{label}-seed{seed}" if seed else label


def _cost(run: PlannedRun) -> int:
    """Blocks that a step goes through, times steps: two cores are filled best longest first."""
    model, plan = run.config.model, run.config.plan
    branches = 2 if model.branches == "both" else 1
    blocks = model.stem_depth + branches * (model.depth - model.stem_depth)
    return blocks * plan.epochs * (plan.epoch_steps or 1)


def _check_distinct(planned: Sequence[PlannedRun]) -> None:
    names: dict[str, str] = {}
    for run in planned:
        other = names.setdefault(run.signature, run.name)
        if other != run.name:
            raise ConfigError(f"{other} and {run.name} are the same run ({run.signature})")
