"""What keeps a run's records from being counted."""

import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from analysis.store.identity import check_identity
from analysis.store.require import is_count, is_number, require
from unify.damage import PLACES
from unify.records import RecordError

RANKS = ("MedR", "MeanR")
"""Metrics that count from 1; recalls and accuracies are percentages."""
COUNTS = ("found", "listed", "captions", "listed_captions")
"""Of a test set, on disk and as its lists name it."""
PUBLISHED = ("expected", "expected_captions")
"""Counts that are published; null where none is."""


@contextmanager
def readable(path: Path) -> Iterator[None]:
    """RecordError where a file cannot be read at all, as it does where one is damaged."""
    try:
        yield
    except (OSError, RecursionError) as error:
        reason = getattr(error, "strerror", None) or "nested too deeply"
        raise RecordError(f"{path} cannot be read ({reason})") from error


def check(meta: Mapping[str, Any], result: Mapping[str, Any]) -> None:
    """Raise a RecordError where a training's or fusion's records are not what analysis counts on:
    the identity that the config gives, numbers within their bounds, each once."""
    check_identity(meta, result.get("seed"))
    _check_metrics(result["metrics"])
    for report in _places(result, "lexicon", "its lexicon's measures"):
        _check_lexicon(report)
    for report in _places(result, "coverage", "what it says of its test sets"):
        _check_coverage(report)
    for report in _places(result, "actions", "its accuracies"):
        _check_actions(report)


def _places(result: Mapping[str, Any], name: str, what: str) -> list[dict[str, Any]]:
    """What the result says of each test set; nothing where it says nothing."""
    places = result.get(name, {})
    require(isinstance(places, dict), f"{what}: no JSON object")
    require(all(isinstance(r, dict) for r in places.values()), f"{what}: no JSON object")
    return list(places.values())


def _check_metrics(rows: list[dict[str, Any]]) -> None:
    """Texts and numbers as `unify.records` has found them; here what they may say."""
    seen = set()
    for row in rows:
        place = tuple(row[name] for name in (*PLACES, "metric"))
        require(place not in seen, f"a metric is there twice: {' '.join(place)}")
        seen.add(place)
        value, metric = row["value"], row["metric"]
        require(is_count(row.get("queries"), 1), "a metric: no proper queries")
        low, high = (1, math.inf) if metric in RANKS else (0, 100)
        require(is_number(value) and low <= value <= high, f"a metric: {metric} cannot be {value}")
    require(bool(seen), "result has no metrics")


def _check_coverage(report: Mapping[str, Any]) -> None:
    whole = all(is_count(report.get(name)) for name in COUNTS)
    known = all(report.get(name) is None or is_count(report[name]) for name in PUBLISHED)
    said = isinstance(report.get("whole"), bool)
    require(whole and known and said, "what it says of a test set is damaged")


def _check_actions(report: Mapping[str, Any]) -> None:
    classes = report.get("classes")
    whole = isinstance(classes, list) and all(map(_is_class, classes))
    require(whole, "an accuracy of its classes is damaged")
    names = [each["name"] for each in classes]
    require(len(set(names)) == len(names), "one of its classes is there twice")


def _is_class(value: Any) -> bool:
    if not isinstance(value, dict) or not isinstance(value.get("name"), str):
        return False
    shares = [share for name, share in value.items() if name not in ("name", "clips")]
    fit = all(is_number(share) and 0 <= share <= 100 for share in shares)
    return is_count(value.get("clips")) and fit


def _check_lexicon(report: Mapping[str, Any]) -> None:
    numbers = [value for name, value in report.items() if name != "examples"]
    require(all(map(is_number, numbers)), "a measure of its lexicon is no number")
    examples = report.get("examples", [])
    whole = isinstance(examples, list) and all(map(_is_example, examples))
    require(whole, "an example of its lexicon is damaged")


def _is_example(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and all(isinstance(value.get(name), str) for name in ("key", "caption"))
        and all(_are_words(value.get(name)) for name in ("video_words", "text_words"))
    )


def _are_words(value: Any) -> bool:
    return isinstance(value, list) and all(map(_is_weighted, value))


def _is_weighted(value: Any) -> bool:
    two = isinstance(value, list) and len(value) == 2
    return two and isinstance(value[0], str) and is_number(value[1])
