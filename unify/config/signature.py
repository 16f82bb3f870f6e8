"""A run's identity: a hash over every field that can change its result, defaults included."""

import hashlib
import json
from dataclasses import Field, fields, is_dataclass
from typing import Any

SCHEMA = 1
"""Raised when a field changes its meaning, so that old runs are not taken for new ones."""


def signature(config: Any) -> str:
    """Twelve hexadecimal digits over the class name, the schema and all identity fields."""
    content = {"schema": SCHEMA, "kind": type(config).__name__, "config": identity(config)}
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def identity(config: Any) -> Any:
    """The config as plain JSON values, without fields marked `local`, or `added` and neutral."""
    if is_dataclass(config):
        kept = [f for f in fields(config) if _counts(f, getattr(config, f.name))]
        return {f.name: identity(getattr(config, f.name)) for f in kept}
    if isinstance(config, tuple):
        return [identity(value) for value in config]
    return config


def _counts(field: Field, value: Any) -> bool:
    if field.metadata.get("added"):
        return value != field.default
    return field.metadata.get("identity", True)
