"""Frozen in Time's folder: `annotation/MSR_VTT.json`, lists of videos, and a pickle for 1k-A.

The pickle maps a test video to the index of its one query; a `.json` of the same comes first.
"""

from functools import partial
from pathlib import Path
from typing import Any

from unify.data.corpora.files import read_json, read_list
from unify.data.corpora.msrvtt.layout import Captions, Layout, captions_of, first_only, untrained
from unify.data.corpora.pickles import read_plain

DATA = "annotation/MSR_VTT.json"
LISTS = "high-quality/structured-symlinks"
QUERIES = f"{LISTS}/jsfusion_val_caption_idx.pkl"


def _list(name: str) -> str:
    return f"{LISTS}/{name}.txt"


def _listed(lists: tuple[str, ...], kit: Path) -> Captions:
    names = [name for table in lists for name in read_list(kit / _list(table))]
    return captions_of(names, _captions(kit), kit / DATA)


def _val(kit: Path) -> Captions:
    validation = read_list(kit / _list("val_list_full"))
    table = kit / _list("train_list_jsfusion")
    return captions_of(untrained(validation, read_list(table), table), _captions(kit), kit / DATA)


def _test(kit: Path) -> Captions:
    """The caption that the pickle chooses for each video."""
    captions, chosen = _listed(("val_list_jsfusion",), kit), read_plain(kit / QUERIES)
    try:
        return {name: (texts[_index(chosen[name])],) for name, texts in captions.items()}
    except (KeyError, TypeError, IndexError) as error:
        raise ValueError(
            f"{kit / QUERIES} does not choose one caption of each test video ({error!r}); "
            "take it and MSR_VTT.json from one source"
        ) from error


def _index(value: Any) -> int:
    if not isinstance(value, int) or value < 0:
        raise TypeError(f"{value!r} is no index")
    return value


def _entry(*lists: str) -> tuple[tuple[str, ...], partial[Captions]]:
    return (DATA, *map(_list, lists)), partial(_listed, lists)


LAYOUT: Layout = {
    "train_9k": _entry("train_list_jsfusion"),
    "train_7k": _entry("train_list_full", "val_list_full"),
    "train_1kb": _entry("train_list_miech"),
    "train_full": _entry("train_list_full"),
    "val": ((DATA, _list("train_list_jsfusion"), _list("val_list_full")), _val),
    "val_full": _entry("val_list_full"),
    "test_1ka": ((DATA, _list("val_list_jsfusion")), _test),
    "test_1kb": (
        (DATA, _list("test_list_miech")),
        lambda kit: first_only(_listed(("test_list_miech",), kit)),
    ),
    "test_full": _entry("test_list_full"),
}


def _captions(kit: Path) -> Captions:
    grouped: dict[str, list[str]] = {}
    try:
        for row in read_json(kit / DATA)["annotations"]:
            grouped.setdefault(row["image_id"], []).append(row["caption"])
    except (KeyError, TypeError) as error:
        raise ValueError(
            f"{kit / DATA}: annotations lack {error}; it is not Frozen in Time's file"
        ) from error
    return {name: tuple(texts) for name, texts in grouped.items()}
