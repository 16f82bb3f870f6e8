"""Files that ship with the package."""

from importlib.resources import files


def asset(name: str) -> str:
    """The text of a file in `unify/assets`."""
    return files("unify.assets").joinpath(name).read_text(encoding="utf-8")
