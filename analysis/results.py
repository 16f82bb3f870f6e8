"""Finished runs as one tidy frame.

from analysis import results
frame = results.load("runs")
frame.query("metric == 'R@10' and direction == 't2v'").pivot_table("value", "label", ...)
"""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas

from unify.config import WarmStartConfig
from unify.config.codec import KINDS, flatten, local_fields
from unify.records import RecordError, RunDirectory

logger = logging.getLogger(__name__)

COLUMNS = ("corpus", "split", "direction", "representation", "metric", "value", "queries")
"""What each row of `metrics` in a `result.json` has."""


@dataclass(frozen=True, kw_only=True)
class Record:
    """One finished run."""

    path: Path
    sweep: str
    """The sweep that made it; others may use it too."""
    label: str
    kind: str
    """Class of its config: RunConfig, or FusionConfig for an evaluation of other runs' branches."""
    signature: str
    group: str
    """The signature of its seed 0: what all seeds of a config share."""
    seed: int
    config: dict[str, Any]
    """Dotted name -> value, for every field that is part of the run's identity."""
    metrics: list[dict[str, Any]]
    """Rows with `COLUMNS`."""
    finished: float
    """When, in seconds since 1970."""

    @property
    def directory(self) -> RunDirectory:
        """Its other records."""
        return RunDirectory(self.path)


def load(runs: Path | str = "runs") -> pandas.DataFrame:
    """One row per run, corpus, split, direction, representation and metric.

    Columns: run (its directory), sweep, label, signature, seed, `COLUMNS`, and the dotted name of
    each config field in which the runs differ. A damaged result is named in a warning and left out.
    """
    return frame(records(runs))


def records(runs: Path | str = "runs") -> list[Record]:
    """Every finished training run under `runs`, each signature once."""
    return survey(runs)[0]


def survey(runs: Path | str) -> tuple[list[Record], dict[Path, str]]:
    """What `records` gives, and the damaged runs that are named and left out: directory -> why."""
    found: dict[str, Record] = {}
    damaged: dict[Path, str] = {}
    for path in sorted(Path(runs).glob("*/*/result.json")):
        try:
            record = _record(RunDirectory(path.parent))
        except RecordError as error:
            damaged[path.parent] = str(error)
            logger.warning("left out %s: %s", path.parent, error)
            continue
        if record is not None:
            found.setdefault(record.signature, record)
    return list(found.values()), damaged


def frame(found: Iterable[Record]) -> pandas.DataFrame:
    """The records' metrics, as `load` describes."""
    found = list(found)
    fields = differing(found)
    rows = [_row(record, metric, fields) for record in found for metric in record.metrics]
    fixed = ["run", "sweep", "label", "signature", "seed", *COLUMNS]
    return pandas.DataFrame(rows, columns=[*fixed, *fields])


def differing(found: Iterable[Record]) -> list[str]:
    """Config fields (other than the seed) that are not the same in all records."""
    configs = [record.config for record in found]
    names = dict.fromkeys(name for config in configs for name in config if name != "seed")
    return [n for n in names if any(c.get(n) != configs[0].get(n) for c in configs)]


def identity_fields(kind: type, config: Any) -> dict[str, Any]:
    """Dotted name -> value of a run's config, for every field that is part of its identity."""
    return {n: v for n, v in flatten(config).items() if n not in local_fields(kind)}


def _row(record: Record, metric: dict[str, Any], fields: list[str]) -> dict[str, Any]:
    return {
        "run": str(record.path),
        "sweep": record.sweep,
        "label": record.label,
        "signature": record.signature,
        "seed": record.seed,
        **{name: metric[name] for name in COLUMNS},
        **{name: record.config.get(name) for name in fields},
    }


def _record(directory: RunDirectory) -> Record | None:
    """The run's record; None for warm starts, RecordError for damaged ones."""
    meta = directory.meta()
    if meta["kind"] == WarmStartConfig.__name__:
        return None
    result = directory.result()
    _check(meta, result)
    return Record(
        path=directory.path,
        sweep=meta["sweep"],
        label=meta["label"],
        kind=meta["kind"],
        signature=meta["signature"],
        group=meta["group"],
        seed=result["seed"],
        config=identity_fields(KINDS[meta["kind"]], meta["config"]),
        metrics=result["metrics"],
        finished=directory.result_path.stat().st_mtime,
    )


def _check(meta: dict[str, Any], result: dict[str, Any]) -> None:
    if meta["kind"] not in KINDS:
        raise RecordError(f"no config is called {meta['kind']}")
    if not isinstance(result.get("seed"), int):
        raise RecordError("result has no seed")
    for row in result["metrics"]:
        missing = [name for name in COLUMNS if name not in row]
        if missing:
            raise RecordError(f"result has a metric without {', '.join(missing)}")
