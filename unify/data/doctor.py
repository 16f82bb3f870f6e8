"""What is wrong with a corpus on disk, split by split; no torch."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from unify.config.corpora import CORPORA
from unify.data.corpora import ActionSplit, Coverage, Split, read_split
from unify.data.corpora.admission import in_short
from unify.data.corpora.coverage import cover, expected, mismatch
from unify.data.corpora.files import MissingFile
from unify.data.corpora.split import NoClips
from unify.data.example import Clip, Example

MISREAD = re.compile("\ufffd|[\u00c2\u00c3\u00e2][\u0080-\u00bf\u20ac\u2122]")
"""What UTF-8 becomes where it is taken for Latin-1 or Windows-1252 and saved again."""
LETTERS = re.compile(r"[^\W\d_]{2}")
LEAST_SHARE = 0.5
"""Of a corpus whose urls die: below it so much is missing that more than that must be wrong."""
MISREAD_SHARE = 0.01
"""Above it misread captions are a fault of this copy, below it one of the corpus."""

Decode = Callable[[list[Clip]], Mapping[Clip, str]]
"""Why each of the clips cannot be decoded; empty where it can."""


@dataclass(frozen=True)
class LostClip:
    """A clip that is listed and cannot be used."""

    place: Path
    why: str


@dataclass
class Diagnosis:
    """A split's state."""

    split: str
    coverage: Coverage | None = None
    """None where the split could not be read."""
    absent: bool = False
    """Whether none of its lists is here."""
    problems: list[str] = field(default_factory=list)
    """What makes it unfit for the paper's protocol, each in one line."""
    notes: list[str] = field(default_factory=list)
    """What a user should know and need not change."""
    lost: list[LostClip] = field(default_factory=list)


def diagnose(
    corpus: str,
    split: str,
    root: Path,
    *,
    required: bool = True,
    decode: int | None = None,
    check: Decode | None = None,
) -> Diagnosis:
    """Read a split and say what is wrong with it; that it is not here is, if it is `required`.

    Of its clips `decode` are decoded by `check`, spread evenly over the split; None: all of them.
    """
    found = Diagnosis(split)
    read = _read(found, corpus, root, required)
    if read is None:
        return found
    facts = expected(corpus, split, root)
    found.coverage = cover(read, facts)
    found.notes += read.notes
    if read.wordless:
        found.problems.append(in_short(read.wordless))
    _compare(found, corpus, read)
    if isinstance(read, ActionSplit):
        found.problems += mismatch("classes", len(read.classes), facts.classes)
    _look_at_captions(found, read)
    _look_at_sizes(found, read)
    if check is not None:
        _look_into(found, spread(read.examples, decode), check)
    return found


def _read(found: Diagnosis, corpus: str, root: Path, required: bool) -> Split | None:
    """The split; where it cannot be read, None and why."""
    try:
        return read_split(corpus, found.split, root)
    except (NoClips, MissingFile) as reason:
        found.absent = True
        (found.problems if required else found.notes).append(str(reason))
    except ValueError as reason:
        found.problems.append(str(reason))
    return None


def _compare(found: Diagnosis, corpus: str, read: Split) -> None:
    """Found against listed, listed against published."""
    there = found.coverage
    found.lost += [LostClip(clip.place, "missing") for clip in read.missing]
    if not there.listed:
        found.problems.append("its lists name no clip; download them again")
    elif not there.found:
        found.problems.append(
            f"none of its {there.listed} clips is there, {read.missing[0].place} for one; is that "
            "the right folder, and does the header name the columns in their order?"
        )
    elif read.missing and not CORPORA[corpus].decays:
        found.problems.append(f"{len(read.missing)} of {there.listed} clips are missing")
    elif read.missing:
        said = f"{100 * there.share:.1f} % of the urls gave a file; the others are left out"
        (found.problems if there.share < LEAST_SHARE else found.notes).append(said)
    found.problems += there.mismatches


def _look_at_captions(found: Diagnosis, read: Split) -> None:
    clips = [*read.examples, *read.missing]
    texts = [text for clip in clips if isinstance(clip, Example) for text in clip.captions]
    if blank := [text for text in texts if not LETTERS.search(text)]:
        said = f"{len(blank)} of {len(texts)} captions have no words, {blank[0]!r} for one"
        if len(blank) > len(texts) / 2:
            found.problems.append(f"{said}; does the header name the columns in their order?")
        else:
            found.notes.append(said)
    if misread := [text for text in texts if MISREAD.search(text)]:
        said = f"{len(misread)} captions are in a wrong encoding, {misread[0][:60]!r} for one"
        much = len(misread) > MISREAD_SHARE * len(texts)
        (found.problems if much else found.notes).append(said)


def _look_at_sizes(found: Diagnosis, read: Split) -> None:
    if empty := [LostClip(clip.place, "empty") for clip in read.examples if not _size(clip)]:
        found.lost += empty
        found.problems.append(f"{len(empty)} clips are empty files, {empty[0].place.name} for one")


def _look_into(found: Diagnosis, clips: list[Clip], check: Decode) -> None:
    known = {lost.place for lost in found.lost}
    tried = [clip for clip in clips if clip.place not in known]
    why = check(tried)
    bad = [LostClip(clip.place, why[clip]) for clip in tried if why[clip]]
    found.notes.append(f"{len(tried) - len(bad)} of {len(tried)} clips that were tried decode")
    if bad:
        found.lost += bad
        found.problems.append(
            f"{len(bad)} clips cannot be decoded, {bad[0].place.name} for one: {bad[0].why}"
        )


def _size(clip: Clip) -> int:
    if clip.member is not None:
        return clip.member.size
    try:
        return clip.path.stat().st_size
    except OSError:  # a link to nothing
        return 0


def spread(clips: list[Clip], count: int | None) -> list[Clip]:
    """`count` of the clips, evenly spread over the list; all for None."""
    if count is None or count >= len(clips):
        return clips
    return [clips[k * len(clips) // count] for k in range(count)]
