"""Errors about what a user asked for."""

from collections.abc import Iterable
from difflib import SequenceMatcher


class ConfigError(ValueError):
    """A name or value that cannot be used; the message is one line that says what to do."""


def unknown(what: str, name: str, valid: Iterable[str]) -> ConfigError:
    """The error for a name that does not exist, with the nearest one that does.

    Of names that are equally near it is the first.
    """
    near = max(valid, key=lambda other: SequenceMatcher(None, other, name).ratio(), default=None)
    hint = f"; did you mean {near}?" if near else ""
    return ConfigError(f"unknown {what} {name!r}{hint}")
