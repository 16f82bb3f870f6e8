"""From a sweep to runs with directories: what there is to do (no torch)."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from experiments.variants import Sweep, Variant
from unify.config import (
    PRESETS,
    Config,
    FineTuneConfig,
    FusionConfig,
    RunConfig,
    WarmStartConfig,
    fine_tuned,
    parents,
    signature,
    warm_starts,
    with_seed,
)
from unify.config.codec import differences
from unify.config.corpora import training_split
from unify.config.errors import ConfigError, unknown
from unify.config.validate import validate
from unify.records import RunDirectory, State, find_run

ACTIONS: dict[State, str] = {
    "finished": "keep",
    "damaged": "delete what is damaged",
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
    """The sweep that it belongs to, one part of the sweep that was asked for perhaps."""
    config: Config
    directory: RunDirectory
    changes: Mapping[str, tuple[object, object]]
    """Fields that differ from the preset: name -> (preset's value, this run's)."""
    parents: Mapping[str, "PlannedRun"] = field(default_factory=dict)
    in_parts: bool = False
    """Whether it stands beside runs of other sweeps."""

    @property
    def signature(self) -> str:
        """The run's identity."""
        return signature(self.config)

    @property
    def row(self) -> str:
        """What all its seeds have in common: the label, below its sweep's name where need be."""
        return f"{self.sweep}/{self.label}" if self.in_parts else self.label

    @property
    def name(self) -> str:
        """Its row, and the seed where it is not 0."""
        return _name(self.row, self.config.seed)

    @property
    def ancestors(self) -> dict[str, "PlannedRun"]:
        """The runs that must be finished before it, in an order in which they can be trained."""
        found: dict[str, PlannedRun] = {}
        for parent in self.parents.values():
            found |= parent.ancestors | {parent.signature: parent}
        return found

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
    def ancestors(self) -> tuple[PlannedRun, ...]:
        """The runs that the sweep's own start from and that are not among them, each once."""
        own = {run.signature for run in self.runs}
        found = _merged(run.ancestors for run in self.runs)
        return tuple(run for signature, run in found.items() if signature not in own)

    @property
    def missing(self) -> tuple[PlannedRun, ...]:
        """What is to be trained, in order of start: warm starts, then the longest runs."""
        runs = [run for run in self.runs if not run.directory.is_finished()]
        needed = _merged(_missing_ancestors(run) for run in runs)
        found = needed | {run.signature: run for run in runs}
        return tuple(sorted(found.values(), key=_cost, reverse=True))

    @property
    def everything(self) -> tuple[PlannedRun, ...]:
        """What others start from, then the sweep's runs."""
        return self.ancestors + self.runs


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
    planner = _Planner(PRESETS[preset](), runs, in_parts=bool(sweep.parts))
    for variant in _chosen(sweep.variants(base), only):
        for seed in dict.fromkeys(seeds or (base.seed,)):
            planner.ask(*_home(sweep, variant), with_seed(variant.config, seed))
    return Plan(sweep=sweep, preset=preset, runs=planner.planned())


def _home(sweep: Sweep, variant: Variant) -> tuple[str, str]:
    """The sweep that a run belongs to, and its label there."""
    if not sweep.parts:
        return sweep.name, variant.label
    home, _, label = variant.label.partition("/")
    return home, label


def _chosen(variants: list[Variant], only: Sequence[str]) -> list[Variant]:
    """The variants with these labels, or of these parts."""
    labels = [variant.label for variant in variants]
    names = dict.fromkeys([*(label.partition("/")[0] for label in labels), *labels])
    for label in only:
        if label not in names:
            raise unknown("label", label, names)
    fitting = [v for v in variants if {v.label, v.label.partition("/")[0]} & set(only)]
    return fitting if only else variants


class _Planner:
    """Plans runs, each signature once, with all that they start from."""

    def __init__(self, preset: RunConfig, runs: Path, *, in_parts: bool) -> None:
        self._preset = preset
        self._runs = runs
        self._in_parts = in_parts
        self._asked: dict[str, tuple[str, str, Config]] = {}
        self._labels: dict[tuple[str, str], str] = {}
        self._planned: dict[str, PlannedRun] = {}

    def ask(self, sweep: str, label: str, config: Config) -> None:
        """Ask for a run; within one sweep no two labels may be the same run."""
        try:
            validate(config)
        except ConfigError as error:
            raise ConfigError(f"{label}: {error}") from error
        identity = signature(config)
        self._asked.setdefault(identity, (sweep, label, config))
        other = self._labels.setdefault((sweep, identity), label)
        if other != label:
            raise ConfigError(f"{other} and {label} are the same run ({identity})")

    def planned(self) -> tuple[PlannedRun, ...]:
        """The runs that were asked for, in that order."""
        return tuple(self._plan(*asked) for asked in self._asked.values())

    def _plan(self, sweep: str, label: str, config: Config) -> PlannedRun:
        identity = signature(config)
        if identity not in self._planned:
            self._planned[identity] = PlannedRun(
                label=label,
                sweep=sweep,
                config=config,
                directory=_place(self._runs, sweep, label, config),
                changes=differences(_default(self._preset, config), config),
                parents={
                    part: self._parent(part, parent, sweep, label)
                    for part, parent in parents(config).items()
                },
                in_parts=self._in_parts,
            )
        return self._planned[identity]

    def _parent(self, part: str, config: Config, sweep: str, label: str) -> PlannedRun:
        if isinstance(config, WarmStartConfig):
            return self._plan("warm_start", f"{part} warm start", config)
        own = (sweep, f"{label} {part}", config)
        return self._plan(*self._asked.get(signature(config), own))


def _default(preset: RunConfig, config: Config) -> Config:
    """What a config of this kind is in the preset."""
    if isinstance(config, FusionConfig):
        return FusionConfig(latent=preset, lexicon=preset, evaluation=preset.evaluation)
    if isinstance(config, WarmStartConfig):
        return warm_starts(preset).get(config.part, config)
    if isinstance(config, FineTuneConfig):
        return fine_tuned(preset, training_split(config.data.corpora[0])[0])
    return preset


def _missing_ancestors(run: PlannedRun) -> dict[str, PlannedRun]:
    """The unfinished runs that an unfinished run needs."""
    found: dict[str, PlannedRun] = {}
    for parent in run.parents.values():
        if not parent.directory.is_finished():
            found |= _missing_ancestors(parent) | {parent.signature: parent}
    return found


def _merged(found: Iterable[Mapping[str, PlannedRun]]) -> dict[str, PlannedRun]:
    return {signature: run for runs in found for signature, run in runs.items()}


def _place(runs: Path, sweep: str, label: str, config: Config) -> RunDirectory:
    identity = signature(config)
    warm_start = isinstance(config, WarmStartConfig)
    name = config.part if warm_start else _name(label, config.seed)
    folder = name.replace("/", "_").replace(" ", "_")
    return find_run(runs, identity) or RunDirectory(runs / sweep / f"{folder}-{identity}")


def _name(label: str, seed: int) -> str:
    return f"{label}-seed{seed}" if seed else label


def _cost(run: PlannedRun) -> float:
    """Blocks that a step goes through, times steps: two cores are filled best longest first.
    Warm starts come before all else, evaluations after."""
    if isinstance(run.config, WarmStartConfig):
        return math.inf
    if isinstance(run.config, FusionConfig):
        return 0
    model, plan = run.config.model, run.config.plan
    branches = 2 if model.branches == "both" else 1
    blocks = model.stem_depth + branches * (model.depth - model.stem_depth)
    return blocks * run.config.data.num_frames * plan.epochs * (plan.epoch_steps or 1)
