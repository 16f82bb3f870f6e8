"""Test sets as they are on disk, and how much of each is."""

import logging
from dataclasses import dataclass, replace
from pathlib import Path

from unify.data.corpora import ActionSplit, Coverage, Split, load_split
from unify.data.corpora.coverage import cover, expected
from unify.data.decoding import why_unreadable

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class TestSet:
    """Clips with captions or with classes."""

    place: str
    """`corpus/split`."""
    split: Split
    coverage: Coverage

    @property
    def has_classes(self) -> bool:
        """Whether its clips have classes in place of captions."""
        return isinstance(self.split, ActionSplit)


def load_test_set(place: str, root: Path, *, incomplete: bool = False) -> TestSet:
    """A test set. With `incomplete` it may lack clips, and those that cannot be decoded are left
    out; its coverage says how many there are.

    Raises ValueError where it is not whole otherwise, and as `read_split` does.
    """
    corpus, _, name = place.partition("/")
    split = load_split(corpus, name, root, incomplete=incomplete)
    if incomplete:
        split = _readable(split, place)
    return TestSet(place, split, cover(split, expected(corpus, name, root)))


def _readable(split: Split, place: str) -> Split:
    why = {clip: why_unreadable(clip) for clip in split.examples}
    kept = [clip for clip in split.examples if not why[clip]]
    damaged = [clip for clip in split.examples if why[clip]]
    for clip in damaged:
        log.warning("%s: left out %s: %s", place, clip.place, why[clip])
    if not kept:
        raise ValueError(f"{place}: none of its clips can be decoded, {damaged[0].place} for one")
    return replace(split, examples=kept, missing=[*split.missing, *damaged])
