"""What an earlier export has left in a folder: the only thing that a later one removes."""

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from analysis.errors import AnalysisError
from analysis.store.damage import readable
from unify.records import RecordError, RunDirectory

CONFIG = "config.json"
"""Written first and removed last, so that a folder is known for a run's at any moment."""
FILES = (CONFIG, "environment.json", "metrics.jsonl", "samples.json", "previews", "result.json")


def exported(out: Path) -> list[Path]:
    """The run folders within `out`'s sweep folders; none where there is no `out`.

    Raises:
        AnalysisError: where `out` holds anything else.
    """
    if not out.exists():
        return []
    found = [run for sweep in _folders(out) for run in _folders(sweep)]
    for path in found:
        _refuse(path, _problem(path))
    return found


def is_named_for(path: Path, meta: Mapping[str, Any]) -> bool:
    """Whether a run's folder has the name that it gets from its signature."""
    return path.name.endswith(f"-{meta['signature']}")


def remove(path: Path) -> None:
    """Remove an exported run, if there: a killed removal leaves no result and a known folder."""
    for name in reversed(FILES):
        if (path / name).is_dir():
            shutil.rmtree(path / name)
        (path / name).unlink(missing_ok=True)
    if path.exists():
        shutil.rmtree(path)


def _folders(folder: Path) -> list[Path]:
    found = sorted(folder.iterdir())
    for path in found:
        _refuse(path, None if path.is_dir() and not path.is_symlink() else "no folder of records")
    return found


def _problem(path: Path) -> str | None:
    """Why a folder is not an exported run; one that was killed may lack its files."""
    names = {each.name for each in path.iterdir() if not _is_draft(each)}
    if names - set(FILES):
        return f"a folder with {min(names - set(FILES))}, which no export writes"
    try:
        with readable(path):
            known = not names or is_named_for(path, RunDirectory(path).meta())
    except RecordError:
        known = False
    return None if known else "no record of the run that its name says"


def _is_draft(path: Path) -> bool:
    """Whether it is a file that a killed export was about to write."""
    return path.name.startswith(tuple(f".{name}." for name in FILES))


def _refuse(path: Path, problem: str | None) -> None:
    if problem:
        raise AnalysisError(f"{path} is {problem}; it stays, name another folder with --out")
