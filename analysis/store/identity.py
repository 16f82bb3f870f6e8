"""Whether a run's records say of which run they are: its kind, its config and what that gives."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from analysis.store.require import require
from unify.config import FineTuneConfig, FusionConfig, group, signature
from unify.config.codec import KINDS, from_dict, local_fields, neutral_fields
from unify.config.errors import ConfigError

TRAININGS = {
    FusionConfig.__name__: ("latent", "lexicon"),
    FineTuneConfig.__name__: ("pretrained",),
}
"""Kind -> fields that hold the trainings behind it; they have its seed too."""


def check_identity(meta: Mapping[str, Any], seed: Any) -> None:
    """Raise a RecordError where `config.json` is not what analysis counts on, or `seed`, that of
    the result, is not its seed."""
    _check_config(meta)
    _check_signature(meta)
    seeds = {each.get("seed") for each in _seeded(meta["kind"], meta["config"])}
    require(seeds == {seed}, "the seeds of its config and of its result differ")
    require(type(seed) is int, "its seed is no whole number")


def _check_config(meta: Mapping[str, Any]) -> None:
    require(meta["kind"] in KINDS, f"no config is called {meta['kind']}")
    require(all(isinstance(where, str) for where in meta["parents"].values()), "odd parents")
    trainings = _seeded(meta["kind"], meta["config"])
    require(all(isinstance(each, dict) for each in trainings), "its config names no training")
    evaluation = meta["config"].get("evaluation")
    places = evaluation.get("corpora") if isinstance(evaluation, dict) else None
    named = isinstance(places, list) and bool(places) and all(map(_is_place, places))
    require(named, "its config names no test sets")


def _is_place(value: Any) -> bool:
    return isinstance(value, str) and value.count("/") == 1


def _seeded(kind: str, config: Mapping[str, Any]) -> list[Any]:
    """The groups that have the run's seed."""
    own = [] if kind == FusionConfig.__name__ else [config]
    return own + [config.get(part) for part in TRAININGS.get(kind, ())]


def _check_signature(meta: Mapping[str, Any]) -> None:
    """Signature and group are what the config gives; a config of another version is trusted."""
    stored = meta["signature"], meta["group"]
    kind = KINDS[meta["kind"]]
    kept = _kept(meta["config"], local_fields(kind), neutral_fields(kind))
    if stored == (_hashed(meta, kept), _hashed(meta, _of_seed_0(meta["kind"], kept))):
        return
    try:
        config = from_dict(meta["kind"], meta["config"])
    except (ConfigError, TypeError):
        return
    given = signature(config), group(config)
    named = "signature {} and group {}".format
    require(stored == given, f"its config gives {named(*given)}, not {named(*stored)}")


def _hashed(meta: Mapping[str, Any], config: Mapping[str, Any]) -> str:
    """As `signature`, of stored values: decoding takes ten times as long as all other reading."""
    content = {"schema": meta.get("schema"), "kind": meta["kind"], "config": config}
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _kept(
    config: Mapping[str, Any],
    local: frozenset[str],
    neutral: Mapping[str, Any],
    prefix: str = "",
) -> dict[str, Any]:
    """Without local fields, and without younger ones at the value that older runs have."""
    return {
        name: _kept(value, local, neutral, f"{prefix}{name}.") if isinstance(value, dict) else value
        for name, value in config.items()
        if prefix + name not in local and neutral.get(prefix + name, ...) != value
    }


def _of_seed_0(kind: str, config: Mapping[str, Any]) -> dict[str, Any]:
    parts = {part: {**config[part], "seed": 0} for part in TRAININGS.get(kind, ())}
    own = {} if kind == FusionConfig.__name__ else {"seed": 0}
    return {**config, **own, **parts}
