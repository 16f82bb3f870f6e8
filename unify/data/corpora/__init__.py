"""Corpora as their owners publish them, read into lists of examples."""

import logging
from collections.abc import Callable
from pathlib import Path

from unify.config.corpora import CORPORA, find_split
from unify.data.corpora import cc3m, didemo, hmdb51, lsmdc, msrvtt, msvd, ucf101, webvid
from unify.data.corpora.books import load_wordings
from unify.data.corpora.coverage import Coverage
from unify.data.corpora.imagenet21k import load_labelled_images
from unify.data.corpora.split import ActionSplit, Split
from unify.data.example import Example

__all__ = [
    "ActionSplit",
    "Coverage",
    "Split",
    "load_corpus",
    "load_labelled_images",
    "load_split",
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


def load_split(name: str, split: str, root: Path, *, incomplete: bool = False) -> Split:
    """A split that may be used: a training split, or one of a corpus whose urls die, may lack
    clips, which is logged.

    Any other must be whole, or numbers on it would be another test set's; with `incomplete` it need
    not be. Raises ValueError where it lacks more than it may, and as `read_split` does.
    """
    found = read_split(name, split, root)
    _admit(f"{name}/{split}", found, Path(root), incomplete)
    return found


def load_corpus(name: str, split: str, root: Path, *, incomplete: bool = False) -> list[Example]:
    """Clips with captions, in the order of the corpus's files; otherwise as `load_split`."""
    find_split(name, split)
    if CORPORA[name].task == "actions":
        raise ValueError(f"{name} has classes, not captions: it is for action recognition")
    return load_split(name, split, root, incomplete=incomplete).examples


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
