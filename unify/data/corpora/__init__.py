"""Corpora as their owners publish them, read into lists of examples."""

import logging
from collections.abc import Callable
from pathlib import Path

from unify.config.corpora import CORPORA, find_split
from unify.data.corpora import cc3m, didemo, hmdb51, lsmdc, msrvtt, msvd, ucf101, webvid
from unify.data.corpora.books import load_wordings
from unify.data.corpora.coverage import Coverage, cover, expected
from unify.data.corpora.imagenet21k import load_labelled_images
from unify.data.corpora.split import ActionSplit, Split
from unify.data.example import Example

__all__ = [
    "ActionSplit",
    "Coverage",
    "Split",
    "coverage",
    "load_actions",
    "load_corpus",
    "load_labelled_images",
    "load_wordings",
    "read_split",
]

log = logging.getLogger(__name__)

READERS: dict[str, Callable[[str, Path], Split]] = {
    "cc3m": cc3m.read,
    "webvid2m": webvid.read,
    "msrvtt": msrvtt.read,
    "didemo": didemo.read,
    "lsmdc": lsmdc.read,
    "msvd": msvd.read,
    "hmdb51": hmdb51.read,
    "ucf101": ucf101.read,
    "msrvtt_unseen_style": msrvtt.read,
}
"""Reader of each corpus, given a split and the corpus's folder."""


def read_split(name: str, split: str, root: Path) -> Split:
    """A split as it is on disk: what is there, and what is missing.

    Raises ValueError for an unknown corpus or split, and for metadata that are missing or
    malformed.
    """
    find_split(name, split)
    return READERS[name](split, Path(root) / CORPORA[name].folder)


def load_corpus(name: str, split: str, root: Path, *, incomplete: bool = False) -> list[Example]:
    """All examples of a corpus's split, in the order of its files.

    A training split, or one of a corpus whose urls die, may lack clips, which is logged. Any other
    must be whole, or numbers on it would be another test set's; with `incomplete` it need not be,
    and `coverage` says what the numbers are worth. Raises ValueError as `read_split` does.
    """
    found = read_split(name, split, root)
    if isinstance(found, ActionSplit):
        raise ValueError(f"{name} has classes, not captions: it is for action recognition")
    _admit(f"{name}/{split}", found, Path(root), incomplete)
    return found.examples


def load_actions(name: str, split: str, root: Path, *, incomplete: bool = False) -> ActionSplit:
    """The clips of an action recognition split and its classes; otherwise as `load_corpus`."""
    found = read_split(name, split, root)
    if not isinstance(found, ActionSplit):
        raise ValueError(f"{name} has captions, not classes: it is for retrieval")
    _admit(f"{name}/{split}", found, Path(root), incomplete)
    return found


def coverage(name: str, split: str, root: Path) -> Coverage:
    """How much of a split is on disk. Raises ValueError as `read_split` does."""
    return cover(read_split(name, split, root), expected(name, split, Path(root)))


def _admit(what: str, found: Split, root: Path, incomplete: bool) -> None:
    """Say how much of a split is there. Raises ValueError where that is too little."""
    name, _, split = what.partition("/")
    kit = root / CORPORA[name].folder
    if not found.listed:
        raise ValueError(f"{what}: its lists in {kit} name no clip; download them again")
    if not found.examples:
        raise ValueError(
            f"{what}: none of its {found.listed} files is on disk, {found.missing[0].place} for "
            "one; download them there"
        )
    if not found.missing:
        return
    if not (incomplete or split.startswith("train") or CORPORA[name].decays):
        raise ValueError(
            f"{kit} lacks {len(found.missing)} of {found.listed} clips, "
            f"{found.missing[0].place.name} first; download the rest: without them {what} "
            "would be another test set"
        )
    log.warning("%s: %d of %d files are in %s", what, len(found.examples), found.listed, kit)
