"""Errors about what a user asked for."""

from collections.abc import Iterable
from difflib import get_close_matches


class ConfigError(ValueError):
    """A name or value that cannot be used; the message is one line that says what to do."""


def unknown(what: str, name: str, valid: Iterable[str]) -> ConfigError:
    """The error for a name that does not exist, with the nearest one that does."""
    near = get_close_matches(name, list(valid), n=1, cutoff=0.0)
    hint = f"; did you mean {near[0]}?" if near else ""
    return ConfigError(f"unknown {what} {name!r}{hint}")
