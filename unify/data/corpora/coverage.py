"""How much of a split is on disk, against its own lists and what is published."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from unify.config.corpora import SplitFacts, find_split
from unify.data.corpora.split import Split
from unify.data.example import Clip, Example
from unify.data.miniature.manifest import read_manifest
from unify.data.miniature.sizes import drawn_sizes

HINTS = {
    -1: "; was the first row taken for a header and lost?",
    1: "; is a first row there twice, or a header among the rows?",
}
"""What is likely where lists have so many rows more than are published."""


@dataclass(frozen=True, kw_only=True)
class Coverage:
    """The record of a split that goes beside a result on it.

    `expected` is what is published or, of a miniature world, what was drawn; None: it is unknown.
    """

    found: int
    """Clips on disk."""
    listed: int
    """Clips that the lists on disk name."""
    expected: int | None
    captions: int
    """Captions of the clips on disk; in a test split these are the queries."""
    listed_captions: int
    """Captions of all listed clips."""
    expected_captions: int | None

    @property
    def share(self) -> float:
        """Share of the listed clips that are there."""
        return self.found / self.listed if self.listed else 0.0

    @property
    def whole(self) -> bool:
        """Whether every clip is there, and as many as are expected."""
        return 0 < self.found == self.listed and not self.mismatches

    @property
    def mismatches(self) -> list[str]:
        """What the lists have more or less of than is expected, a line each."""
        clips = mismatch("clips", self.listed, self.expected)
        return clips + mismatch("captions", self.listed_captions, self.expected_captions)

    def record(self) -> dict[str, int | bool | None]:
        """As plain values, for a row of results."""
        return {**asdict(self), "whole": self.whole}


def mismatch(what: str, listed: int, published: int | None) -> list[str]:
    """One line where another number is listed than is published; empty where none is known."""
    if published in (None, listed):
        return []
    hint = HINTS.get(listed - published, "")
    return [f"its lists have {listed} {what}, published are {published}{hint}"]


def cover(read: Split, facts: SplitFacts) -> Coverage:
    """What was read of a split against what is expected of it."""
    return Coverage(
        found=len(read.examples),
        listed=read.listed,
        expected=facts.clips,
        captions=_captions(read.examples),
        listed_captions=_captions([*read.examples, *read.missing]),
        expected_captions=facts.captions,
    )


def _captions(clips: list[Clip]) -> int:
    return sum(len(clip.captions) for clip in clips if isinstance(clip, Example))


def expected(corpus: str, split: str, root: Path) -> SplitFacts:
    """What is published about a split; in a miniature world, how much of it was drawn."""
    facts = find_split(corpus, split)
    manifest = read_manifest(root)
    if manifest is None:
        return facts
    drawn = drawn_sizes(manifest.get("config", {}), corpus, split)
    return replace(drawn, optional=facts.optional, alias_of=facts.alias_of)


def shortfall(coverage: Mapping[str, Any]) -> str:
    """How much of a test set a result is of, by its record, such as "979 of 1004 clips"; empty
    where it is all that the lists on disk name and that is published."""
    if coverage["whole"]:
        return ""
    clips = (coverage["found"], coverage["expected"], coverage["listed"])
    captions = (coverage["captions"], coverage["expected_captions"], coverage["listed_captions"])
    return _lacking(*clips, "clips") or _lacking(*captions, "captions") or "a part"


def _lacking(found: int, published: int | None, listed: int, what: str) -> str:
    whole = listed if published in (None, found) else published
    return "" if found == whole else f"{found} of {whole} {what}"
