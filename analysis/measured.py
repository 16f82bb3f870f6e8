"""What one run measured, by name."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from analysis import classes
from analysis.coverage import shortfall
from analysis.paper.published import SPLITS
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
    """A metric of one run."""

    value: float
    step: float
    """What one query more or less changes."""


def measured(record: Record, part: str, metric: str, places: Sequence[str] = ()) -> Measured | None:
    """A recall (%) or rank of text to video, `MEAN_RECALL` (%), the mean top-1 accuracy (%) of one
    of `SPLITS`, one of `RELEVANT` (%), or of `classes`; None where the run has none.

    `part`: the representation; words are of the lexicon, whatever is given. `places`: the test sets
    whose mean is taken; the run's first by default, for accuracies those of the metric's splits.
    """
    if metric in RELEVANT:
        return _relevant(record, metric)
    if metric in classes.ACCURACY:
        return _of_classes(classes.accuracy(record, part, classes.ACCURACY[metric]))
    if metric in classes.WON:
        return _of_classes(classes.won(record, part, classes.WON[metric]))
    where = places or tested(record, metric)
    if metric == MEAN_RECALL:
        return _mean(measured(record, part, name, where) for name in RECALLS)
    return _mean(_listed(record, part, metric, each) for each in where)


def by_seed(
    study: Study, column: str, sweep: str, label: str, part: str, metric: str
) -> dict[int, Measured]:
    """Seed -> what the runs of a registry row measured; none of a part of a test set."""
    found = {
        run.seed: measured(run, part, metric)
        for run in study.runs(column, sweep, label)
        if not shortfall(run, tested(run, metric))
    }
    return {seed: value for seed, value in found.items() if value is not None}


def partial(study: Study, column: str, sweep: str, label: str, metric: str) -> list[str]:
    """How much of its test sets each run of a registry row has had that `by_seed` leaves out."""
    found = study.runs(column, sweep, label)
    return [part for run in found if (part := shortfall(run, tested(run, metric)))]


def place(record: Record) -> str:
    """The first test set of a run, such as "msrvtt/test_1ka"."""
    return record.config["evaluation.corpora"][0]


def tested(record: Record, metric: str) -> list[str]:
    """The test sets of a run that a metric is taken from by default."""
    every = record.config["evaluation.corpora"]
    if metric in SPLITS:
        return [each for each in every if each.partition("/")[2] in SPLITS[metric]]
    return every if metric in (*classes.ACCURACY, *classes.WON) else every[:1]


def _listed(record: Record, part: str, metric: str, where: str) -> Measured | None:
    """As the run has recorded it."""
    direction, name = ("v2t", "top-1") if metric in SPLITS else ("t2v", metric)
    wanted = (*where.split("/"), direction, part, name)
    names = ("corpus", "split", "direction", "representation", "metric")
    row = next((row for row in record.metrics if tuple(row[n] for n in names) == wanted), None)
    return row and Measured(row["value"], 0.5 if name == "MedR" else 100 / row["queries"])


def _mean(found: Iterable[Measured | None]) -> Measured | None:
    parts = list(found)
    if not parts or None in parts:
        return None
    step = max(each.step for each in parts) / len(parts)
    return Measured(sum(each.value for each in parts) / len(parts), step)


def _of_classes(found: tuple[float, float] | None) -> Measured | None:
    return found and Measured(*found)


def _relevant(record: Record, metric: str) -> Measured | None:
    report = record.directory.result().get("lexicon", {}).get(place(record), {})
    queries = max(row["queries"] for row in record.metrics)
    return Measured(100 * report[metric], 10 / queries) if metric in report else None
