"""Corpora as their owners publish them, read into lists of examples."""

from collections.abc import Callable
from difflib import get_close_matches
from functools import partial
from pathlib import Path

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
    splits = CORPORA[_known(name, "corpus", list(CORPORA))]
    return splits[_known(split, f"split of {name}", list(splits))](Path(root))


def _known(name: str, kind: str, names: list[str]) -> str:
    if name in names:
        return name
    near = get_close_matches(name, names, n=1, cutoff=0.0)
    raise ValueError(f"no {kind} named {name}; did you mean {near[0]}? There are {names}")
