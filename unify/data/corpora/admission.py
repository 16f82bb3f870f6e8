"""Whether a split may be used as it is on disk: numbers on a part of a test set are no one's."""

import logging
from collections.abc import Sequence
from pathlib import Path

from unify.config.corpora import CORPORA
from unify.data.corpora.coverage import Coverage
from unify.data.corpora.split import Split

log = logging.getLogger(__name__)

INCOMPLETE = "evaluation.incomplete=true evaluates what is there and says so in every table"


def admit(place: str, found: Split, coverage: Coverage, kit: Path, *, incomplete: bool) -> None:
    """Say how much of `place`, a `corpus/split`, is there, where that is not all.

    A training split and one of a corpus whose urls die may lack clips, any with `incomplete`. Else
    all listed clips and captions must be there, and a test split must list as many as are expected.
    Raises ValueError where there is less than must be.
    """
    corpus, _, split = place.partition("/")
    strict = not (incomplete or split.startswith("train") or CORPORA[corpus].decays)
    if strict:
        _check_captions(place, found)
    _check_any(place, found, kit)
    for line in _left_out(found):
        log.warning("%s: %s", place, line)
    if coverage.whole:
        return
    if strict:
        _check_clips(place, found, kit)
        if split.startswith("test"):
            _check_lists(place, coverage, kit)
    there = f"{coverage.found} of {coverage.listed} files are in {kit}"
    log.warning("%s: %s", place, "; ".join([there, *coverage.mismatches]))


def _check_any(place: str, found: Split, kit: Path) -> None:
    if not found.listed:
        why = "; ".join(_left_out(found)) or f"its lists in {kit} name no clip"
        raise ValueError(f"{place}: {why}; download them again")
    if not found.examples:
        raise ValueError(
            f"{place}: none of its {found.listed} files is on disk, {found.missing[0].place} for "
            "one; download them there"
        )


def _check_captions(place: str, found: Split) -> None:
    if found.wordless:
        raise ValueError(
            f"{place}: {in_short(found.wordless)}; without it {place} would be another test set: "
            f"write it in, or download its lists again ({INCOMPLETE})"
        )


def _left_out(found: Split) -> list[str]:
    """What a user should know of rows that are not used."""
    wordless = [f"left out: {in_short(found.wordless)}"] if found.wordless else []
    return [*found.notes, *wordless]


def in_short(lines: Sequence[str]) -> str:
    """The first line, and how many more there are."""
    return lines[0] + (f" and {len(lines) - 1} more like it" if lines[1:] else "")


def _check_clips(place: str, found: Split, kit: Path) -> None:
    if found.missing:
        raise ValueError(
            f"{kit} lacks {len(found.missing)} of {found.listed} clips, "
            f"{found.missing[0].place.name} first; without them {place} would be another test set: "
            f"download the rest ({INCOMPLETE})"
        )


def _check_lists(place: str, coverage: Coverage, kit: Path) -> None:
    if coverage.mismatches:
        raise ValueError(
            f"{place} in {kit} would be another test set: {coverage.mismatches[0]}; download its "
            f"lists again ({INCOMPLETE})"
        )
