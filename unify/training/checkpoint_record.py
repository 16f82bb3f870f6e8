"""What makes a folder a checkpoint: a record of its files, written last (no torch)."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from unify.checksum import Checksum
from unify.files import read_json, write_json

FORMAT = 1
RECORD = "checkpoint.json"


def whole_checkpoints(folder: Path) -> list[Path]:
    """Those that were written to their end, oldest first; they may be damaged since."""
    return sorted(path.parent for path in folder.glob(f"step-*/{RECORD}"))


def write_record(
    checkpoint: Path, step: int, processes: int, files: Mapping[str, Checksum]
) -> None:
    """Say that a checkpoint is whole, and what it is to hold."""
    sums = {name: found.record() for name, found in files.items()}
    record = {"format": FORMAT, "step": step, "processes": processes, "files": sums}
    write_json(checkpoint / RECORD, record)


def read_record(checkpoint: Path) -> dict[str, Any]:
    """`step`, `processes` and `files` by name; ValueError where the record is damaged.

    Raises OtherFormat for one that this version of the project cannot read.
    """
    record = read_json(checkpoint / RECORD)
    if not isinstance(record, dict) or not isinstance(record.get("step"), int):
        raise ValueError(f"{checkpoint / RECORD} is damaged (no step)")
    if record.get("format") != FORMAT:
        raise OtherFormat(
            f"{checkpoint} has format {record.get('format', 'DeepSpeed')}, this version reads "
            f"{FORMAT}; go on with the version that wrote it, or delete {checkpoint.parent} to "
            "begin anew"
        )
    if not isinstance(record.get("files"), dict) or not record["files"]:
        raise ValueError(f"{checkpoint / RECORD} is damaged (no files)")
    return record


def damage(checkpoint: Path, share: slice = slice(None)) -> str | None:
    """What is wrong with the record or with a share of the files, or None.

    Raises OtherFormat as `read_record`, and OSError where a file cannot be read.
    """
    try:
        for name, expected in list(read_record(checkpoint)["files"].items())[share]:
            Checksum.of_record(expected).check(checkpoint / name)
    except OtherFormat:
        raise
    except ValueError as error:
        return str(error)
    return None


class OtherFormat(ValueError):
    """A checkpoint of another version of this project."""
