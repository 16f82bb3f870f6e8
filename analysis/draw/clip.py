"""A clip with its strongest words under several variants (Figure 5)."""

import re
from dataclasses import dataclass
from pathlib import Path

SIDES = {"video": "video_words", "text": "text_words"}
"""Side -> its list in a run's record."""


@dataclass(frozen=True, kw_only=True)
class Clip:
    """A clip with its strongest words."""

    key: str
    caption: str
    words: dict[tuple[str, str], list[tuple[str, float]]]
    """Variant's label and side -> words and weights, the strongest first."""
    picture: Path | None
    """A small animated picture."""

    def said(self, word: str) -> bool:
        """Whether the caption has this word."""
        return word in re.findall(r"\w+", self.caption.lower())
