"""What one run measured, by name."""

from collections.abc import Mapping
from dataclasses import dataclass

from analysis.results import Record
from analysis.study import Study

REPRESENTATIONS = ("latent", "lexicon", "fused")
RECALLS = ("R@1", "R@5", "R@10")
MEAN_RECALL = "mean of R@1, R@5, R@10"
"""Less noisy than R@1, and not what the paper states."""
RELEVANT = {
    "video_relevant": "relevant video words (%)",
    "text_relevant": "relevant text words (%)",
}
"""Share of the ten strongest words of a clip (or caption) that are words of the clip's captions."""
LOWER_IS_BETTER = ("MedR",)


@dataclass(frozen=True)
class Measured:
    """A metric of one run on its first test set, text to video."""

    value: float
    step: float
    """What one query more or less changes."""


def measured(record: Record, part: str, metric: str) -> Measured | None:
    """A recall (%), MedR, `MEAN_RECALL` (%) or one of `RELEVANT` (%); None where the run has none.

    `part`: the representation; words are of the lexicon, whatever is given.
    """
    rows = _rows(record, part)
    if metric in RELEVANT:
        return _relevant(record, metric)
    if metric == MEAN_RECALL:
        return _mean(rows)
    row = rows.get(metric)
    return row and Measured(row["value"], 0.5 if metric == "MedR" else 100 / row["queries"])


def by_seed(
    study: Study, column: str, sweep: str, label: str, part: str, metric: str
) -> dict[int, Measured]:
    """Seed -> what the runs of a registry row measured."""
    found = {r.seed: measured(r, part, metric) for r in study.runs(column, sweep, label)}
    return {seed: value for seed, value in found.items() if value is not None}


def place(record: Record) -> str:
    """The first test set of a run, such as "msrvtt/test_1ka"."""
    return record.config["evaluation.corpora"][0]


def _rows(record: Record, part: str) -> Mapping[str, dict]:
    """Metric -> row of text-to-video retrieval on the run's first test set."""
    wanted = (*place(record).split("/"), "t2v", part)
    return {
        row["metric"]: row
        for row in record.metrics
        if (row["corpus"], row["split"], row["direction"], row["representation"]) == wanted
    }


def _mean(rows: Mapping[str, dict]) -> Measured | None:
    if not all(name in rows for name in RECALLS):
        return None
    values = [rows[name]["value"] for name in RECALLS]
    return Measured(sum(values) / len(values), 100 / rows[RECALLS[0]]["queries"] / len(values))


def _relevant(record: Record, metric: str) -> Measured | None:
    report = record.directory.result().get("lexicon", {}).get(place(record), {})
    queries = max(row["queries"] for row in record.metrics)
    return Measured(100 * report[metric], 10 / queries) if metric in report else None
