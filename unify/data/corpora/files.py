"""How corpora read their files: errors that say what is missing, coverage that is told."""

import csv
import logging
import os
from collections.abc import Collection
from pathlib import Path

log = logging.getLogger(__name__)


def read_text(path: Path) -> str:
    """A metadata file's text. Raises ValueError where it cannot be read or is not UTF-8."""
    try:
        return path.read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError, PermissionError) as error:
        problem = "may not be read" if isinstance(error, PermissionError) else "is missing"
        raise ValueError(
            f"{path} {problem}; set data.root to the folder that holds the corpora, "
            "each in its published layout"
        ) from None
    except UnicodeDecodeError as error:
        raise ValueError(f"{path} is not UTF-8 ({error.reason}); download it again") from error


def read_csv(path: Path, columns: Collection[str]) -> list[dict[str, str]]:
    """Rows of a CSV with a header. Raises ValueError where a column or a field is missing."""
    reader = csv.DictReader(read_text(path).splitlines(keepends=True))
    if lacking := set(columns) - set(reader.fieldnames or ()):
        raise ValueError(f"{path} has no column {min(lacking)}; its header is {reader.fieldnames}")
    rows = list(reader)
    for number, row in enumerate(rows, start=2):
        if lost := [name for name in columns if row[name] is None]:
            raise ValueError(f"{path}: row {number} has no {lost[0]}; download the file again")
    return rows


def listing(folder: Path) -> set[str]:
    """Names in a folder; empty where there is no folder. One call serves a whole corpus."""
    return set(os.listdir(folder)) if folder.is_dir() else set()


def tell_coverage(what: str, found: int, rows: int, folder: Path) -> None:
    """Say how much of a corpus is on disk. Raises ValueError where nothing of it is."""
    if not found:
        raise ValueError(f"{what}: none of its {rows} files is in {folder}; download them there")
    if found < rows:
        log.warning("%s: %d of %d files are in %s", what, found, rows, folder)
