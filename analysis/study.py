"""What tables, figures, claims and the report are made from: finished runs, and which to look for.

A row of a table is a variant of a sweep in the registry; its runs are found by their config,
whichever sweep has trained them.
"""

import shlex
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from analysis.errors import AnalysisError
from analysis.results import Record, survey
from experiments.registry import SWEEPS
from experiments.variants import Variant
from unify.config import PRESETS, Config, RunConfig, group
from unify.config.codec import override

RECORDS = Path(__file__).parent / "records"
"""The committed records of one whole miniature sweep."""
RUNS = Path("runs")
"""Where sweeps put runs by default."""
PAPER = "paper"
"""The column whose numbers may be held against the published ones."""
ALTERATION = "altered "
"""Before the name of a preset with changes that count: it is another experiment."""
ALTERED = ALTERATION + PAPER
"""The column of the paper's preset with such changes: it is no longer the paper's."""


@dataclass(frozen=True)
class Study:
    """Finished runs, and the base configs whose results are shown."""

    records: tuple[Record, ...]
    columns: Mapping[str, RunConfig]
    """Preset -> base config; every column but "paper" counts as a miniature."""
    changes: Mapping[str, str] = field(default_factory=dict)
    """What was changed in the last column's preset: dotted name -> value as text."""
    source: Path | None = None
    """The folder that the runs were read from."""
    damaged: Mapping[Path, str] = field(default_factory=dict)
    """Runs that are left out: directory -> why."""

    @property
    def miniature(self) -> tuple[str, ...]:
        """The columns that are never held against published numbers."""
        return tuple(name for name in self.columns if name != PAPER)

    def variants(self, column: str, sweep: str) -> list[Variant]:
        """The rows of a sweep of the registry."""
        return list(self._rows[column, sweep].values())

    def config(self, column: str, sweep: str, label: str) -> Config | None:
        """The config (of seed 0) behind a row; None where the base has no such row."""
        row = self._rows[column, sweep].get(label)
        return row and row.config

    def runs(self, column: str, sweep: str, label: str) -> list[Record]:
        """The finished runs of a row, one per seed, in order of seeds; none is an empty list."""
        return self._groups.get(self._signatures[column, sweep].get(label, ""), [])

    def of(self, config: Config) -> list[Record]:
        """The finished runs of a config, one per seed, in order of seeds."""
        return self._groups.get(group(config), [])

    def command(
        self,
        column: str,
        sweep: str,
        labels: str | Sequence[str] = (),
        seeds: Sequence[int] = (),
    ) -> str:
        """The command that trains a row of a sweep, or several; all of them where none is named."""
        labels = [labels] if isinstance(labels, str) else labels
        words = ["python", "experiments/sweep.py", sweep]
        words += ["--only", *labels] if labels else []
        words += ["--seeds", *map(str, seeds)] if seeds else []
        words += self.options(column, but={"seed"} if seeds else ())
        words += ["--data-root", "DIR"] if self.columns[column].world is None else []
        words += ["--runs", str(self.home)] if self.home != RUNS else []
        return shlex.join(words)

    def options(self, column: str, but: Collection[str] = ()) -> list[str]:
        """The options that name a column's base config; the changes named in `but` are left out."""
        preset = column.removeprefix(ALTERATION)
        words = [] if preset == "mini" else ["--preset", preset]
        last = column == list(self.columns)[-1]
        changes = {n: v for n, v in self.changes.items() if last and n not in but}
        pairs = [f"{name}={value}" for name, value in changes.items()]
        return words + (["--set", *pairs] if pairs else [])

    @property
    def home(self) -> Path:
        """The folder that missing runs are trained into."""
        return RUNS if self.source is None or self.is_committed else self.source

    @property
    def is_committed(self) -> bool:
        """Whether these are the repository's own records, which have no weights."""
        return self.source is not None and self.source.resolve() == RECORDS

    @cached_property
    def _rows(self) -> dict[tuple[str, str], dict[str, Variant]]:
        return {
            (column, name): {variant.label: variant for variant in sweep.variants(base)}
            for column, base in self.columns.items()
            for name, sweep in SWEEPS.items()
        }

    @cached_property
    def _signatures(self) -> dict[tuple[str, str], dict[str, str]]:
        """Of the rows' configs, by label."""
        return {
            place: {label: group(variant.config) for label, variant in rows.items()}
            for place, rows in self._rows.items()
        }

    @cached_property
    def _groups(self) -> dict[str, list[Record]]:
        found: dict[str, list[Record]] = {}
        for record in sorted(self.records, key=lambda record: record.seed):
            found.setdefault(record.group, []).append(record)
        return found


def read_study(runs: Path, preset: str = "mini", changes: Mapping[str, str] | None = None) -> Study:
    """The finished runs under `runs`, shown for the paper's preset and for `preset` as changed.

    Raises:
        AnalysisError: where there is no such folder.
        ConfigError: on an unknown or wrong change.
    """
    if not runs.is_dir():
        raise AnalysisError(f"{runs} is no folder of runs; name one with --runs")
    paper, base = PRESETS[PAPER](), override(PRESETS[preset](), changes or {})
    altered = group(base) != group(PRESETS[preset]())
    column = ALTERATION + preset if altered else preset
    found, damaged = survey(runs)
    return Study(tuple(found), {PAPER: paper, column: base}, changes or {}, runs, damaged)
