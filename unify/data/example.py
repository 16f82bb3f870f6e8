"""What a corpus yields."""

from dataclasses import KW_ONLY, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Member:
    """A file within a tar file: where its bytes lie."""

    name: str
    start: int
    size: int


@dataclass(frozen=True, slots=True)
class Clip:
    """A clip or image on disk. `key` names it within its corpus and split."""

    key: str
    path: Path
    _: KW_ONLY
    is_image: bool = False
    seconds: float | None = None
    """Only the first so many seconds belong to the corpus; None: all of the file."""
    member: Member | None = None
    """The part of `path` that is the clip, where `path` is a tar file."""

    @property
    def place(self) -> Path:
        """Where it lies, as a user would name it."""
        return self.path / self.member.name if self.member else self.path


@dataclass(frozen=True, slots=True)
class Example(Clip):
    """A clip or image and its captions."""

    captions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ActionExample(Clip):
    """A clip and the action that it shows."""

    label: int
    """Index into the split's classes."""


@dataclass(frozen=True)
class LabelledImage:
    """An image and the names of the things it shows."""

    path: Path
    labels: tuple[str, ...]
