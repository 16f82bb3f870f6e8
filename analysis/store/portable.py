"""What is kept of a run's records when they leave the machine that made them."""

import json
from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

from analysis.store.compact import compact, rounded
from analysis.store.logged import logged
from unify.config import PRESETS, WarmStartConfig, WorldConfig
from unify.config.codec import flatten, neutral_fields, to_dict
from unify.files import read_json
from unify.records import RecordError, RunDirectory

PACKAGES = (
    *("torch", "deepspeed", "transformers", "timm", "numpy", "pandas"),
    *("av", "decord", "pillow", "safetensors", "tokenizers"),
)
"""Packages whose versions are kept."""


def portable(directory: RunDirectory) -> dict[str, str]:
    """File name -> text of a finished run's records, `result.json` last.

    Raises:
        RecordError: where one is damaged, or its settings name a place on this machine.
    """
    meta = {**directory.meta(), "config": _relocated(directory.meta()["config"])}
    _refuse_places(directory, meta["config"])
    kept = {
        "config.json": compact(meta) + "\n",
        "environment.json": compact(_environment(_surroundings(directory))) + "\n",
        "metrics.jsonl": "".join(json.dumps(rounded(row)) + "\n" for row in logged(directory)),
        "result.json": compact(directory.result()) + "\n",
    }
    if meta["kind"] == WarmStartConfig.__name__:
        del kept["metrics.jsonl"]
    return kept


def portable_samples(directory: RunDirectory) -> str:
    """The text of `samples.json`."""
    return compact(_read(directory.samples_path)) + "\n"


def _relocated(config: Mapping[str, Any]) -> dict[str, Any]:
    """The config with its folder of data as the preset has it that draws the same world."""
    made = {
        name: _relocated(value) if isinstance(value, dict) else value
        for name, value in config.items()
    }
    world = config.get("world", _group(config, "pretrained").get("world"))
    for group in (made, made.get("data")):
        if isinstance(group, dict) and "root" in group:
            group["root"] = _root(world)
    return made


def _root(world: Mapping[str, Any] | None) -> str:
    presets = [to_dict(preset()) for preset in PRESETS.values()]
    whole = world and neutral_fields(WorldConfig) | dict(world)
    same = [preset["data"]["root"] for preset in presets if preset["world"] == whole]
    return same[0] if same else "data"


def _refuse_places(directory: RunDirectory, config: Mapping[str, Any]) -> None:
    for name, value in flatten(config).items():
        if isinstance(value, str) and PurePath(value).is_absolute():
            raise RecordError(f"{directory.config_path} names a place on this machine, {name}")


def _surroundings(directory: RunDirectory) -> Mapping[str, Any]:
    return _group({"environment": _read(directory.environment_path)}, "environment")


def _group(stored: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = stored.get(name)
    return found if isinstance(found, dict) else {}


def _environment(stored: Mapping[str, Any]) -> dict[str, Any]:
    git, packages = _group(stored, "git"), _group(stored, "packages")
    machine = {name: stored.get(name) for name in ("cpus", "processor", "gpus")}
    return {
        "python": stored.get("python"),
        "packages": {name: packages[name] for name in PACKAGES if name in packages},
        **{name: value for name, value in machine.items() if value is not None},
        "git": {name: git.get(name) for name in ("commit", "dirty")},
    }


def _read(path) -> Any:
    try:
        return read_json(path)
    except ValueError as error:
        raise RecordError(str(error)) from error
