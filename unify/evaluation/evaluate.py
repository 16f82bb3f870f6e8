"""Evaluate a model, or a finished run, on test sets."""

from collections.abc import Sequence
from pathlib import Path

from unify.data.corpora import load_corpus
from unify.evaluation.retrieval import metric_rows
from unify.evaluation.retriever import Retriever, of_run
from unify.evaluation.samples import Samples, sample
from unify.evaluation.words import lexicon_report
from unify.records import RunDirectory
from unify.training.device import choose_device


def evaluate_run(directory: RunDirectory, corpora: Sequence[str], root: Path | None = None) -> dict:
    """Metrics of a finished run on `corpus/split` test sets, read under `root` if given.

    Raises:
        ValueError: on an unknown corpus, or a run without weights.
    """
    found, _ = evaluate(of_run(directory, choose_device()), corpora, root)
    return found


def evaluate(
    retriever: Retriever, corpora: Sequence[str], root: Path | None = None
) -> tuple[dict, Samples]:
    """`metrics` rows and, with a lexicon branch, what the `lexicon` says on each test set; and
    samples of the first one."""
    metrics, lexicon, samples = [], {}, None
    share, count = retriever.evaluation.lexicon_share, retriever.evaluation.examples
    for name in corpora:
        corpus, _, split = name.partition("/")
        examples = load_corpus(corpus, split, root or Path(retriever.data.root))
        encoded = retriever.encode(examples)
        metrics += [{"corpus": corpus, "split": split, **r} for r in metric_rows(encoded, share)]
        if retriever.vocabulary is not None:
            lexicon[name] = lexicon_report(encoded, examples, retriever.vocabulary, count)
        if samples is None:
            samples = sample(name, encoded, examples, retriever.vocabulary, share, count)
    return {"metrics": metrics, "lexicon": lexicon}, samples
