"""Configs to and from plain JSON values, and changes by dotted name."""

from collections.abc import Iterator, Mapping
from dataclasses import Field, asdict, fields, is_dataclass
from functools import cache
from types import NoneType
from typing import Any, Literal, get_args, get_origin, get_type_hints

from pydantic import ConfigDict, TypeAdapter, ValidationError

from unify.config.errors import ConfigError, unknown
from unify.config.family import Config
from unify.config.fine_tuning import FineTuneConfig
from unify.config.fusion import FusionConfig
from unify.config.run import RunConfig
from unify.config.warm_start import WarmStartConfig

KINDS: dict[str, type] = {
    kind.__name__: kind for kind in (RunConfig, WarmStartConfig, FineTuneConfig, FusionConfig)
}


def to_dict(config: Any) -> dict[str, Any]:
    """All fields, as JSON values (tuples become lists)."""
    return _plain(asdict(config))


def from_dict(kind: str, data: Mapping[str, Any]) -> Config:
    """The config of class `kind`; a ConfigError names the first unknown or wrong field."""
    if kind not in KINDS:
        raise unknown("kind of config", kind, KINDS)
    return _group(KINDS[kind], data, "")


def override(config: Config, changes: Mapping[str, Any]) -> Config:
    """A copy with fields replaced, e.g. `{"model.stem_depth": 6}`; values are typed by the field.

    As text, lists are written with commas, and `none` empties an optional field.
    """
    data = to_dict(config)
    for name, value in changes.items():
        group, field = _find(data, name)
        if isinstance(group[field], dict) and str(value).lower() != "none":
            inner = f"{name}.{next(iter(group[field]))}"
            raise ConfigError(f"{name} is a group of fields; set one of them, such as {inner}")
        group[field] = value
    return from_dict(type(config).__name__, data)


def flatten(config: Any) -> dict[str, Any]:
    """Dotted name -> plain value, over all fields of a config or of its `to_dict`."""
    return dict(_leaves(config if isinstance(config, Mapping) else to_dict(config), ""))


def differences(old: Any, new: Any) -> dict[str, tuple[Any, Any]]:
    """Dotted name -> (old value, new value), for identity fields that differ."""
    before, after = flatten(old), flatten(new)
    skipped = local_fields(type(new))
    names = [name for name in {**before, **after} if name not in skipped]
    pairs = {name: (before.get(name), after.get(name)) for name in names}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


@cache
def local_fields(kind: type) -> frozenset[str]:
    """Dotted names of the fields that are no part of a run's identity: of a group of fields that is
    none its own name and all that is in it."""
    found = dict(_fields(kind))
    groups = tuple(f"{name}." for name, field in found.items() if not _counts(field))
    return frozenset(n for n, f in found.items() if not _counts(f) or n.startswith(groups))


@cache
def neutral_fields(kind: type) -> dict[str, Any]:
    """Dotted name -> plain value with which the field is no part of a run's identity."""
    found = _fields(kind)
    return {name: _plain(field.default) for name, field in found if field.metadata.get("added")}


def _fields(kind: type, prefix: str = "") -> Iterator[tuple[str, Field]]:
    """Dotted name and field, groups before what is in them."""
    hints = get_type_hints(kind)
    for field in fields(kind):
        yield prefix + field.name, field
        for group in _groups(hints[field.name]):
            yield from _fields(group, f"{prefix}{field.name}.")


def _counts(field: Field) -> bool:
    return field.metadata.get("identity", True)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    return value


def _leaves(data: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, Any]]:
    for name, value in data.items():
        if isinstance(value, dict):
            yield from _leaves(value, f"{prefix}{name}.")
        else:
            yield prefix + name, value


def _find(data: dict[str, Any], name: str) -> tuple[dict[str, Any], str]:
    """The group that holds the field `name`, and the field's own name."""
    *path, field = name.split(".")
    group: Any = data
    for depth, part in enumerate(path):
        group = group.get(part, {}) if isinstance(group, dict) else {}
        if group is None:
            raise ConfigError(f"{name}: {'.'.join(path[: depth + 1])} is none in this config")
    if not isinstance(group, dict) or field not in group:
        raise unknown("field", name, [leaf for leaf, _ in _leaves(data, "")])
    return group, field


def _group(kind: type, data: Any, where: str) -> Any:
    if not isinstance(data, Mapping):
        raise ConfigError(f"{where.rstrip('.')}: a group of fields is needed, not {data!r}")
    hints = get_type_hints(kind)
    for name in data:
        if name not in hints:
            raise unknown("field", where + name, [where + hint for hint in hints])
    values = {name: _value(hints[name], value, where + name) for name, value in data.items()}
    try:
        return kind(**values)
    except TypeError as error:
        raise ConfigError(f"{where or kind.__name__}: {error}") from error


def _value(hint: Any, value: Any, where: str) -> Any:
    if isinstance(value, str):
        value = _from_text(hint, value)
    groups = _groups(hint)
    if groups and (value is not None or NoneType not in get_args(hint)):
        return _group(_matching(groups, value), value, where + ".")
    try:
        return _adapter(hint).validate_python(value)
    except ValidationError as error:
        reason = error.errors()[0]["msg"]
        raise ConfigError(f"{where}: {reason}, got {value!r}") from error


def _from_text(hint: Any, text: str) -> Any:
    if text.lower() == "none" and NoneType in get_args(hint):
        return None
    if get_origin(hint) is Literal:
        return {str(choice): choice for choice in get_args(hint)}.get(text, text)
    return text.split(",") if get_origin(hint) is tuple else text


def _groups(hint: Any) -> list[type]:
    return [kind for kind in (hint, *get_args(hint)) if is_dataclass(kind)]


def _matching(groups: list[type], data: Any) -> type:
    """Of several classes the one with exactly these fields (an encoder, a recipe)."""
    names = set(data) if isinstance(data, Mapping) else set()
    exact = [kind for kind in groups if {f.name for f in fields(kind)} == names]
    return (exact or groups)[0]


@cache
def _adapter(hint: Any) -> TypeAdapter:
    return TypeAdapter(hint, config=ConfigDict(allow_inf_nan=False))
