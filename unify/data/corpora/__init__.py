"""Corpora as their owners publish them, read into lists of examples."""

from collections.abc import Callable
from pathlib import Path

from unify.config.corpora import CORPORA, find_split
from unify.data.corpora import cc3m, didemo, hmdb51, lsmdc, msrvtt, msvd, ucf101, webvid
from unify.data.corpora.admission import admit
from unify.data.corpora.books import load_wordings
from unify.data.corpora.coverage import Coverage, cover, expected
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
    """A split that may be used, by the rules of `admit`; that it is not whole is logged.

    Raises ValueError where it lacks more than it may, and as `read_split` does.
    """
    found, kit = read_split(name, split, root), Path(root) / CORPORA[name].folder
    coverage = cover(found, expected(name, split, Path(root)))
    admit(f"{name}/{split}", found, coverage, kit, incomplete=incomplete)
    return found


def load_corpus(name: str, split: str, root: Path, *, incomplete: bool = False) -> list[Example]:
    """Clips with captions, in the order of the corpus's files; otherwise as `load_split`."""
    find_split(name, split)
    if CORPORA[name].task == "actions":
        raise ValueError(f"{name} has classes, not captions: it is for action recognition")
    return load_split(name, split, root, incomplete=incomplete).examples
