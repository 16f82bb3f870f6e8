"""What a corpus yields."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Example:
    """A clip or image and its captions. `key` names it within its corpus and split."""

    key: str
    path: Path
    captions: tuple[str, ...]
    is_image: bool = False


@dataclass(frozen=True)
class LabelledImage:
    """An image and the names of the things it shows."""

    path: Path
    labels: tuple[str, ...]
