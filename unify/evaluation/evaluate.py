"""Evaluate a model, or a finished run, on test sets."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from unify.config import EvaluationConfig
from unify.evaluation.actions import recognise
from unify.evaluation.encoding import Count, Encoded, Progress, ignore
from unify.evaluation.retrieval import metric_rows
from unify.evaluation.retriever import Retriever, of_run
from unify.evaluation.samples import Samples, sample
from unify.evaluation.test_sets import TestSet, load_test_set
from unify.evaluation.words import lexicon_report
from unify.records import RunDirectory
from unify.training.device import choose_device


def evaluate_run(
    directory: RunDirectory, evaluations: Sequence[EvaluationConfig], root: Path | None = None
) -> dict:
    """Metrics of a finished run, evaluated in these ways, on corpora under `root` if given.

    Raises:
        ValueError: on a corpus that cannot be used, or a run without weights.
    """
    retriever = of_run(directory, choose_device())
    metrics, parts = [], {"coverage": {}, "lexicon": {}, "actions": {}}
    for evaluation in evaluations:
        found, _ = evaluate(replace(retriever, evaluation=evaluation), root)
        metrics += found["metrics"]
        for name, part in parts.items():
            part |= found[name]
    return {"metrics": metrics, **parts}


def evaluate(
    retriever: Retriever, root: Path | None = None, progress: Progress = ignore
) -> tuple[dict, Samples | None]:
    """What a result says of each test set: `metrics` rows and `coverage`; with a lexicon branch
    what its `lexicon` says; per class of `actions`. And samples of the first retrieval.

    `progress` is told how many clips and texts are encoded, of all test sets.
    """
    found: dict[str, Any] = {"metrics": [], "coverage": {}, "lexicon": {}, "actions": {}}
    samples = None
    tests = _load(retriever, root)
    size = sum(_size(test, retriever) for test in tests)
    retriever = replace(retriever, encoded=Count(size, progress))
    for test in tests:
        place = test.place
        found["coverage"][place] = test.coverage.record()
        if test.has_classes:
            recognised = recognise(retriever, test.split)
            found["metrics"] += _placed(place, recognised.metrics)
            found["actions"][place] = {"classes": recognised.classes}
            continue
        encoded = retriever.encode(test.split.examples)
        rows = metric_rows(encoded, retriever.evaluation.lexicon_share)
        found["metrics"] += _placed(place, rows)
        found["lexicon"] |= _lexicon(retriever, test, encoded)
        samples = samples or _sample(retriever, test, encoded)
    return found, samples


def _load(retriever: Retriever, root: Path | None) -> list[TestSet]:
    evaluation, root = retriever.evaluation, root or Path(retriever.data.root)
    return [load_test_set(p, root, incomplete=evaluation.incomplete) for p in evaluation.corpora]


def _size(test: TestSet, retriever: Retriever) -> int:
    """Clips and texts that are to be encoded."""
    return retriever.models * (len(test.split.examples) + test.texts(retriever.evaluation))


def _placed(place: str, rows: Sequence[dict]) -> list[dict]:
    corpus, _, split = place.partition("/")
    return [{"corpus": corpus, "split": split, **row} for row in rows]


def _lexicon(retriever: Retriever, test: TestSet, encoded: Encoded) -> dict[str, dict]:
    if retriever.vocabulary is None:
        return {}
    count = retriever.evaluation.examples
    return {test.place: lexicon_report(encoded, test.split.examples, retriever.vocabulary, count)}


def _sample(retriever: Retriever, test: TestSet, encoded: Encoded) -> Samples:
    return sample(
        test.place,
        encoded,
        test.split.examples,
        retriever.vocabulary,
        retriever.evaluation.lexicon_share,
        retriever.evaluation.examples,
    )
