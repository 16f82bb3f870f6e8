"""What makes a folder a checkpoint: a record of its files, written last (no torch)."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from unify.checksum import Checksum
from unify.files import read_json, write_json

FORMAT = 1
RECORD = "checkpoint.json"


class OtherFormat(ValueError):
    """A checkpoint of another version of this project."""


def whole_checkpoints(folder: Path) -> list[Path]:
    """Those that were written to their end, oldest first; they may be damaged since."""
    return sorted(path.parent for path in folder.glob(f"step-*/{RECORD}"))


def write_record(
    checkpoint: Path, step: int, processes: int, files: Mapping[str, Checksum]
) -> None:
    """Say that a checkpoint is whole, and what it is to hold."""
    sums = {name: found.record() for name, found in files.items()}
    record = {"format": FORMAT, "step": step, "processes": processes, "files": sums}
    write_json(checkpoint / RECORD, {**record, "sha256": _sum(record)})


def read_record(checkpoint: Path) -> dict[str, Any]:
    """`step`, `processes`, and by name the `files`.

    Raises:
        OtherFormat: if this version of the project cannot read the checkpoint.
        ValueError: if the record is damaged.
    """
    record = read_json(checkpoint / RECORD)
    if not isinstance(record, dict):
        raise ValueError(f"{RECORD}: no JSON object")
    said = record.pop("sha256", None)
    if record and said in (None, _sum(record)) and record.get("format") != FORMAT:
        raise OtherFormat(
            f"{checkpoint} has format {record.get('format', 'DeepSpeed')}, this version reads "
            f"{FORMAT}; go on with the version that wrote it, or delete {checkpoint.parent} to "
            "begin anew"
        )
    if said != _sum(record):
        raise ValueError(f"{RECORD}: changed since it was written")
    return record


def record_damage(checkpoint: Path) -> str | None:
    """What is wrong with the record, or None. Raises OtherFormat as `read_record`."""
    try:
        read_record(checkpoint)
    except OtherFormat:
        raise
    except ValueError as error:
        return str(error)
    return None


def damage(checkpoint: Path, share: slice) -> str | None:
    """What is wrong with the record or with a share of the files, or None.

    Raises OtherFormat as `read_record`, and OSError where a file cannot be read.
    """
    if problem := record_damage(checkpoint):
        return problem
    for name, expected in list(read_record(checkpoint)["files"].items())[share]:
        try:
            Checksum.of_record(expected).check(checkpoint / name)
        except ValueError as error:
            return f"{name}: {error}"
    return None


def _sum(record: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(record, sort_keys=True).encode()).hexdigest()
