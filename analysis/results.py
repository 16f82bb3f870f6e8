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

from analysis.store.damage import check, readable
from unify.config import WarmStartConfig
from unify.config.codec import KINDS, flatten, local_fields, neutral_fields
from unify.records import RecordError, RunDirectory

logger = logging.getLogger(__name__)

COLUMNS = ("corpus", "split", "direction", "representation", "metric", "value", "queries")
"""What each row of `metrics` in a `result.json` has."""
SEEDS = ("seed", "latent.seed", "lexicon.seed", "pretrained.seed")
"""Where configs have the run's seed."""


@dataclass(frozen=True, kw_only=True)
class Record:
    """One finished run."""

    path: Path
    sweep: str
    """The sweep that made it; others may use it too."""
    label: str
    kind: str
    """Class of its config: RunConfig, FineTuneConfig for a training that goes on from another, or
    FusionConfig for an evaluation of other runs' branches."""
    signature: str
    group: str
    """The signature of its seed 0: what all seeds of a config share."""
    seed: int
    config: dict[str, Any]
    """Dotted name -> value, for every field that is part of the run's identity."""
    metrics: list[dict[str, Any]]
    """Rows with `COLUMNS`."""
    coverage: dict[str, dict[str, Any]]
    """Test set -> how much of it was there, as the loader has counted; empty in records from
    before it did."""
    finished: float
    """When, in seconds since 1970."""

    @property
    def is_miniature(self) -> bool:
        """Whether it was evaluated on the miniature world."""
        return any("world" in name.split(".")[:-1] for name in self.config)

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
    found: dict[str, list[Record]] = {}
    damaged: dict[Path, str] = {}
    for path in sorted(Path(runs).glob("*/*/result.json")):
        try:
            record = _record(RunDirectory(path.parent))
        except RecordError as error:
            damaged[path.parent] = str(error)
            logger.warning("left out %s: %s", path.parent, error)
            continue
        if record is not None:
            found.setdefault(record.signature, []).append(record)
    return [_newest(same) for same in found.values()], damaged


def ancestors(path: Path) -> list[Path]:
    """The finished runs behind a run: trainings behind a fusion, warm starts behind these.

    Damaged ones are left out, with all that is behind them.
    """
    found: dict[Path, None] = {}
    waiting = [path]
    while waiting:
        new = [parent for parent in _parents(waiting.pop()) if parent not in found]
        found |= dict.fromkeys(new)
        waiting += new
    return list(found)


def frame(found: Iterable[Record]) -> pandas.DataFrame:
    """The records' metrics, as `load` describes."""
    found = list(found)
    fields = differing(found)
    rows = [_row(record, metric, fields) for record in found for metric in record.metrics]
    fixed = ["run", "sweep", "label", "signature", "seed", *COLUMNS]
    return pandas.DataFrame(rows, columns=[*fixed, *fields])


def differing(found: Iterable[Record]) -> list[str]:
    """Config fields (other than seeds) that are not the same in all records that have them."""
    values: dict[str, list[Any]] = {}
    for record in found:
        for name, value in record.config.items():
            values.setdefault(name, []).append(value)
    return [n for n, of in values.items() if n not in SEEDS and any(v != of[0] for v in of)]


def identity_fields(kind: type, config: Any) -> dict[str, Any]:
    """Dotted name -> value of a run's config, for every field that can be part of its identity;
    fields that are younger than the run have the value that they stand for."""
    stored = flatten(config)
    younger = {n: v for n, v in neutral_fields(kind).items() if n.rpartition(".")[0] not in stored}
    return {n: v for n, v in (younger | stored).items() if n not in local_fields(kind)}


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


def _newest(same: list[Record]) -> Record:
    """Of the folders of one run the one finished last; different numbers are named."""
    newest = max(same, key=lambda record: record.finished)
    for other in same:
        if other.metrics != newest.metrics:
            text = "%s and %s are the same run with different numbers; used is %s, the newest"
            logger.warning(text, newest.path, other.path, newest.path)
    return newest


def _parents(path: Path) -> list[Path]:
    """The whole, finished runs that one starts from."""
    try:
        with readable(path):
            parents = RunDirectory(path).parents().values()
    except RecordError:
        return []
    return [parent for parent in parents if _is_whole(RunDirectory(parent))]


def _is_whole(directory: RunDirectory) -> bool:
    try:
        with readable(directory.path):
            return bool(directory.result())
    except RecordError:
        return False


def _record(directory: RunDirectory) -> Record | None:
    """The run's record; None for warm starts, RecordError for damaged ones."""
    with readable(directory.path):
        meta = directory.meta()
        if meta["kind"] == WarmStartConfig.__name__:
            return None
        result = directory.result()
        check(meta, result)
        config = identity_fields(KINDS[meta["kind"]], meta["config"])
    return Record(
        path=directory.path,
        sweep=meta["sweep"],
        label=meta["label"],
        kind=meta["kind"],
        signature=meta["signature"],
        group=meta["group"],
        seed=result["seed"],
        config=config,
        metrics=result["metrics"],
        coverage=result.get("coverage", {}),
        finished=directory.result_path.stat().st_mtime,
    )
