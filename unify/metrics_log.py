"""The rows of a training: `metrics.jsonl`, each step that is shown once."""

import json
import logging
from collections.abc import Iterator, Mapping
from pathlib import Path

from unify.damage import RecordError
from unify.files import naming, sync_file, write_atomically

logger = logging.getLogger(__name__)

Row = dict[str, float]


class MetricsLog:
    """A file with a JSON object a line; its `step` says which, counted from 0."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def append(self, step: int, values: Mapping[str, float]) -> None:
        """Add a row."""
        with naming(self.path), self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"step": step, **values}) + "\n")

    def sync(self) -> None:
        """Let the rows outlast a power failure."""
        if self.path.exists():
            sync_file(self.path)

    def rows(self) -> list[Row]:
        """All rows; a last one that was cut off is left out.

        Raises RecordError where one is damaged.
        """
        return [self._checked(number, row) for number, row in self._read()]

    def truncate(self, step: int) -> None:
        """Drop the rows after `step`, which a resumed run writes again, and damaged ones."""
        rows = [row for _, row in self._read()]
        if lost := rows.count(None):
            logger.warning("%s: %d damaged rows are left out", self.path, lost)
        kept = [row for row in rows if row is not None and row["step"] <= step]
        write_atomically(self.path, "".join(json.dumps(row) + "\n" for row in kept))

    def _read(self) -> Iterator[tuple[int, Row | None]]:
        """Line numbers and rows, None for a damaged one."""
        if not self.path.exists():
            return
        lines = self.path.read_text(encoding="utf-8", errors="replace").split("\n")
        for number, line in enumerate(lines[:-1], start=1):
            yield number, _row(line)

    def _checked(self, number: int, row: Row | None) -> Row:
        if row is None:
            raise RecordError(
                f"{self.path} is damaged in line {number}; delete {self.path.parent} to train the "
                "run anew"
            )
        return row


def _row(line: str) -> Row | None:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return row if isinstance(row, dict) and isinstance(row.get("step"), int) else None
