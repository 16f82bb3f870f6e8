"""A split as it was read: what is there, and what its metadata list and the disk lacks."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from unify.data.corpora.captions import usable
from unify.data.corpora.clips import ClipFinder, check_inside
from unify.data.example import ActionExample, Clip, Example

ClipKind = TypeVar("ClipKind", bound=Clip)


class NoClips(ValueError):
    """A split that is empty by the nature of its lists; the message says why."""


@dataclass(frozen=True)
class Split(Generic[ClipKind]):
    """Clips in the order of the metadata."""

    examples: list[ClipKind]
    """Those on disk."""
    missing: list[ClipKind]
    """Those that are listed and not on disk, each with the first path that was looked at."""
    notes: tuple[str, ...] = ()
    """What a user should know about how it was read."""
    wordless: tuple[str, ...] = ()
    """Captions that are left out as they have no words, each with its place, in one line."""

    @property
    def listed(self) -> int:
        """Clips that the metadata list."""
        return len(self.examples) + len(self.missing)


@dataclass(frozen=True)
class ActionSplit(Split[ActionExample]):
    """Clips with classes in place of captions."""

    classes: tuple[str, ...] = ()
    """Published names by label, in an order that never changes."""


def find_examples(
    kit: Path,
    captions: Mapping[str, Sequence[str]],
    source: Path,
    places: Callable[[str], list[str]],
    seconds: float | None = None,
) -> Split[Example]:
    """Captions by key, each with its clip; `places` says where a key's clip may lie in the kit.

    Captions without words are left out, and clips that have no other. Raises ValueError for what
    is no text and for a key that leads out of the kit; `source` is the file that they are of.
    """
    finder = ClipFinder(kit)
    examples, missing = [], []
    kept, wordless = usable(captions, source)
    for key, texts in kept.items():
        check_inside(key, source)
        path, is_there = finder.find(places(key))
        (examples if is_there else missing).append(Example(key, path, texts, seconds=seconds))
    return Split(examples, missing, wordless=wordless)


def find_actions(
    kit: Path,
    clips: list[tuple[str, int]],
    classes: tuple[str, ...],
    source: Path,
    folders: tuple[str, ...],
) -> ActionSplit:
    """Pairs of file name and label with their clips, at `<one of folders>/<class>/<file name>`.

    Raises ValueError for a name that leads out of the kit; `source` is where the lists lie.
    """
    finder = ClipFinder(kit)
    examples, missing = [], []
    for name, label in clips:
        key = f"{classes[label]}/{name}"
        check_inside(key, source)
        path, is_there = finder.find([f"{folder}/{key}" for folder in folders])
        (examples if is_there else missing).append(ActionExample(key, path, label))
    return ActionSplit(examples, missing, classes=classes)
