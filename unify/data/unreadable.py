"""Training clips that could not be decoded, as far as a process has seen."""

import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from unify.data.decoding import UnreadableClip

logger = logging.getLogger(__name__)


class Unreadable:
    """Counts them, up to a share of their corpus."""

    def __init__(self, sizes: Mapping[str, int], share: float) -> None:
        """`sizes` has the number of clips of each corpus, `share` how many of them may be lost."""
        self.rows = 0
        """Rows of batches that hold another clip than was planned."""
        self._limits = {corpus: share * size for corpus, size in sizes.items()}
        self._clips: dict[str, set[str]] = defaultdict(set)

    def add(self, corpus: str, rows: int, errors: Iterable[UnreadableClip]) -> None:
        """Count a batch's; raises the error that is one too many."""
        self.rows += rows
        for error in errors:
            clips = self._clips[corpus]
            clips.add(str(error.path))
            if len(clips) > self._limits[corpus]:
                raise error
            logger.warning("replaced %s: %s", error.path, error.why)

    def record(self) -> dict[str, Any]:
        """What was counted, as JSON values."""
        clips = {corpus: sorted(found) for corpus, found in self._clips.items()}
        return {"rows": self.rows, "clips": clips}

    def add_record(self, record: Mapping[str, Any]) -> None:
        """Count what a `record` has."""
        self.rows += record["rows"]
        for corpus, clips in record["clips"].items():
            self._clips[corpus].update(clips)
