"""What a layout of MSR-VTT says: per split the files that it needs, and who reads them."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from unify.data.corpora.split import NoClips

Captions = dict[str, tuple[str, ...]]
"""Captions by video id, in the order of the split."""

Layout = Mapping[str, tuple[tuple[str, ...], Callable[[Path], Captions]]]
"""By split: files below the kit, that of the captions first, and the reader of a kit that has
them."""


def captions_of(names: Iterable[str], captions: Captions, source: Path) -> Captions:
    """The captions of the videos that a list names; ValueError for one without any."""
    found = {}
    for name in names:
        if name not in captions:
            raise ValueError(f"{source} has no sentence for {name}, which the split lists")
        found[name] = captions[name]
    return found


def first_only(captions: Captions) -> Captions:
    """Each video's first caption alone."""
    return {name: texts[:1] for name, texts in captions.items()}


def untrained(validation: Iterable[str], trained: Iterable[str], source: Path) -> list[str]:
    """The validation videos that are not trained on; NoClips where the 9k list leaves none."""
    taken = set(trained)
    kept = [name for name in validation if name not in taken]
    if not kept:
        raise NoClips(
            f"{source} holds every validation video, so there is no clean split val; take some "
            "out of that list, or evaluate on test_1ka"
        )
    return kept
