"""What keeps a run's records from being counted."""

import hashlib
import json
import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from unify.config import FusionConfig, group, signature
from unify.config.codec import KINDS, from_dict, local_fields
from unify.config.errors import ConfigError
from unify.records import PLACES, RecordError

RANKS = ("MedR", "MeanR")
"""Metrics that count from 1; recalls are percentages."""


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
    _check_config(meta)
    _check_identity(meta)
    seeds = {training.get("seed") for training in _trainings(meta["kind"], meta["config"])}
    _require(seeds == {result.get("seed")}, "the seeds of its config and of its result differ")
    _require(type(result["seed"]) is int, "its seed is no whole number")
    _check_metrics(result["metrics"])
    _check_lexicon(result.get("lexicon", {}))


def _require(holds: bool, problem: str) -> None:
    if not holds:
        raise RecordError(problem)


def _check_config(meta: Mapping[str, Any]) -> None:
    _require(meta["kind"] in KINDS, f"no config is called {meta['kind']}")
    _require(all(isinstance(where, str) for where in meta["parents"].values()), "odd parents")
    trainings = _trainings(meta["kind"], meta["config"])
    _require(all(isinstance(each, dict) for each in trainings), "its config names no training")
    evaluation = meta["config"].get("evaluation")
    places = evaluation.get("corpora") if isinstance(evaluation, dict) else None
    named = isinstance(places, list) and bool(places) and all(map(_is_place, places))
    _require(named, "its config names no test sets")


def _is_place(value: Any) -> bool:
    return isinstance(value, str) and value.count("/") == 1


def _trainings(kind: str, config: Mapping[str, Any]) -> list[Any]:
    """The configs that have the run's seed."""
    fused = kind == FusionConfig.__name__
    return [config.get("latent"), config.get("lexicon")] if fused else [config]


def _check_identity(meta: Mapping[str, Any]) -> None:
    """Signature and group are what the config gives; a config of another version is trusted."""
    stored = meta["signature"], meta["group"]
    kept = _without(meta["config"], local_fields(KINDS[meta["kind"]]))
    if stored == (_hashed(meta, kept), _hashed(meta, _of_seed_0(meta["kind"], kept))):
        return
    try:
        config = from_dict(meta["kind"], meta["config"])
    except (ConfigError, TypeError):
        return
    given = signature(config), group(config)
    named = "signature {} and group {}".format
    _require(stored == given, f"its config gives {named(*given)}, not {named(*stored)}")


def _hashed(meta: Mapping[str, Any], config: Mapping[str, Any]) -> str:
    """As `signature`, of stored values: decoding takes ten times as long as all other reading."""
    content = {"schema": meta.get("schema"), "kind": meta["kind"], "config": config}
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _without(config: Mapping[str, Any], dropped: frozenset[str], prefix: str = "") -> dict:
    return {
        name: _without(value, dropped, f"{prefix}{name}.") if isinstance(value, dict) else value
        for name, value in config.items()
        if prefix + name not in dropped
    }


def _of_seed_0(kind: str, config: Mapping[str, Any]) -> dict[str, Any]:
    if kind != FusionConfig.__name__:
        return {**config, "seed": 0}
    return {**config, **{part: {**config[part], "seed": 0} for part in ("latent", "lexicon")}}


def _check_metrics(rows: list[dict[str, Any]]) -> None:
    """Texts and numbers as `unify.records` has found them; here what they may say."""
    seen = set()
    for row in rows:
        place = tuple(row[name] for name in (*PLACES, "metric"))
        _require(place not in seen, f"a metric is there twice: {' '.join(place)}")
        seen.add(place)
        queries, value, metric = row.get("queries"), row["value"], row["metric"]
        _require(type(queries) is int and queries > 0, "a metric: no proper queries")
        low, high = (1, math.inf) if metric in RANKS else (0, 100)
        bounded = _is_number(value) and low <= value <= high
        _require(bounded, f"a metric: {metric} cannot be {value}")
    _require(bool(seen), "result has no metrics")


def _check_lexicon(places: Any) -> None:
    _require(isinstance(places, dict), "its lexicon's measures are no JSON object")
    for report in places.values():
        _require(isinstance(report, dict), "its lexicon's measures are no JSON object")
        numbers = [value for name, value in report.items() if name != "examples"]
        _require(all(map(_is_number, numbers)), "a measure of its lexicon is no number")
        examples = report.get("examples", [])
        whole = isinstance(examples, list) and all(map(_is_example, examples))
        _require(whole, "an example of its lexicon is damaged")


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
    return two and isinstance(value[0], str) and _is_number(value[1])


def _is_number(value: Any) -> bool:
    return type(value) in (int, float) and math.isfinite(value)
