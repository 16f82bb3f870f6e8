"""Corpora as their owners publish them, read into lists of examples."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from unify.config.errors import unknown
from unify.data.corpora import cc3m, msrvtt, webvid
from unify.data.corpora.books import load_wordings
from unify.data.corpora.imagenet21k import load_labelled_images
from unify.data.example import Example

__all__ = ["CORPORA", "load_corpus", "load_labelled_images", "load_wordings"]

CORPORA: dict[str, dict[str, Callable[[Path], list[Example]]]] = {
    "cc3m": {split: partial(cc3m.load, split) for split in cc3m.SPLITS},
    "webvid2m": {split: partial(webvid.load, split) for split in webvid.SPLITS},
    "msrvtt": msrvtt.splits("MSRVTT"),
    "msrvtt_unseen_style": msrvtt.splits("MSRVTT-unseen-style", only=("test_1ka",)),
}
"""Reader of each corpus and split, given the data root."""


def load_corpus(name: str, split: str, root: Path) -> list[Example]:
    """All examples of a corpus's split, in the order of its files.

    Raises ValueError for an unknown corpus or split, and for files that are missing or malformed.
    """
    if name not in CORPORA:
        raise unknown("corpus", name, CORPORA)
    if split not in CORPORA[name]:
        raise unknown(f"split of {name}", split, CORPORA[name])
    return CORPORA[name][split](Path(root))
