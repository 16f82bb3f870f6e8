"""What a file's content must be."""

import hashlib
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Checksum:
    """Size and hash of a content."""

    bytes: int
    sha256: str

    @classmethod
    def of(cls, content: bytes) -> "Checksum":
        """That of a content."""
        return cls(len(content), hashlib.sha256(content).hexdigest())

    @classmethod
    def of_record(cls, record: Any) -> "Checksum":
        """What `record` made; ValueError for anything else."""
        try:
            return cls(int(record["bytes"]), str(record["sha256"]))
        except (TypeError, KeyError, ValueError, OverflowError) as error:
            raise ValueError(f"no checksum: {record!r}") from error

    def record(self) -> dict[str, Any]:
        """As plain values, for a JSON file."""
        return asdict(self)

    def check(self, path: Path) -> None:
        """ValueError, in words that follow the file's name, where its content is another one."""
        if not path.exists():
            raise ValueError("missing")
        if (size := path.stat().st_size) != self.bytes:
            raise ValueError(f"{size} bytes, not {self.bytes}")
        with path.open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != self.sha256:
                raise ValueError("changed since it was written")
