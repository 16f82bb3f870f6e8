"""Run records with known values, written by hand."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from analysis.paper.published import sizes
from experiments.registry import SWEEPS
from unify.config import PRESETS, Config, signature, with_seed
from unify.config.codec import override
from unify.config.corpora import CORPORA
from unify.records import RunDirectory

HEADER = ("schema", "kind", "signature", "label", "sweep")
RANKS = ("MedR", "MeanR")
METRICS = ("R@1", "R@5", "R@10", *RANKS)
TOPS = ("top-1", "top-5")
FEW = 40
"""Queries of the smoke preset's test set."""

Values = Mapping[str, float | Mapping[str, float]]
"""Representation -> its value in every metric, or metric -> value."""


def rows(values: Values, place: str = "msrvtt/test_1ka", queries: int = FEW) -> list[dict]:
    """The metrics of text to video as given; video to text has the worst recall, the best rank. Of
    actions, which clips ask for, the accuracies as given."""
    corpus, split = place.split("/")
    if CORPORA[corpus].task == "actions":
        return _accuracies(values, corpus, split, queries)
    return [
        {
            "corpus": corpus,
            "split": split,
            "direction": direction,
            "representation": representation,
            "metric": metric,
            "value": value if direction == "t2v" else float(metric in RANKS),
            "queries": queries,
        }
        for representation, given in values.items()
        for direction in ("t2v", "v2t")
        for metric, value in _by_metric(given).items()
    ]


def _accuracies(values: Values, corpus: str, split: str, queries: int) -> list[dict]:
    return [
        {
            "corpus": corpus,
            "split": split,
            "direction": "v2t",
            "representation": representation,
            "metric": metric,
            "value": value,
            "queries": queries,
        }
        for representation, given in values.items()
        for metric, value in _by_metric(given, TOPS).items()
    ]


def coverage(found: int, of: int, *, published: bool = True) -> dict:
    """What a result says of a test set with one caption per clip; `published`: its size is."""
    expected = of if published else None
    return {
        **{"found": found, "listed": of, "expected": expected},
        **{"captions": found, "listed_captions": of, "expected_captions": expected},
        "whole": found == of,
    }


def actions(classes: Mapping[str, Mapping[str, float]], clips: int = 10) -> dict:
    """What a result says of UCF101's first split; `classes`: name -> representation -> top-1."""
    found = [{"name": name, "clips": clips, **top1} for name, top1 in classes.items()]
    return {"actions": {"ucf101/test_1": {"classes": found}}}


def record(
    runs: Path,
    depth: int,
    seed: int = 0,
    *,
    sweep: str = "stem_depth",
    changes=None,
    preset="smoke",
    **values,
) -> RunDirectory:
    """A finished run of some stem depth; `values` as in `Values`."""
    config = override(
        PRESETS[preset](), {"model.stem_depth": depth, "seed": seed, **(changes or {})}
    )
    label = f"N={depth}"
    return _finished(runs / sweep / f"{label}-seed{seed}", config, sweep, label, seed, rows(values))


def row(
    runs: Path,
    sweep: str,
    label: str,
    seed: int = 0,
    *,
    preset: str = "mini",
    changes=None,
    result=None,
    queries: int | None = None,
    places: Mapping[str, Values] | None = None,
    **values,
) -> RunDirectory:
    """A finished run of a row of the registry; `values` as in `Values`, on all of its test sets but
    those in `places`; `result`: more fields of its `result.json`, `queries`: by default as many as
    the paper has for its own preset. A row that is not finished: unlink `.result_path`."""
    base = override(PRESETS[preset](), changes or {})
    config = {v.label: v.config for v in SWEEPS[sweep].variants(base)}[label]
    path = runs / sweep / f"{label.replace('/', '_')}-seed{seed}"
    metrics = [
        each
        for place in config.evaluation.corpora
        for each in rows(
            (places or {}).get(place, values),
            place,
            queries or (sizes()[place] if preset == "paper" else FEW),
        )
    ]
    return _finished(path, with_seed(config, seed), sweep, label, seed, metrics, result)


def _finished(
    stem: Path, config: Config, sweep: str, label: str, seed: int, metrics: list, result=None
) -> RunDirectory:
    path = stem.with_name(f"{stem.name}-{signature(config)}")
    directory = RunDirectory.create(path, config, label=label, sweep=sweep, parents={})
    header = {name: directory.meta()[name] for name in HEADER}
    directory.finish({**header, "seed": seed, "metrics": metrics, **(result or {})})
    return directory


def _by_metric(
    given: float | Mapping[str, float], metrics: Sequence[str] = METRICS
) -> Mapping[str, float]:
    return given if isinstance(given, Mapping) else dict.fromkeys(metrics, given)
