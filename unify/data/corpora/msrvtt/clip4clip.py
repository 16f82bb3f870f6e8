"""The CLIP4Clip kit: one JSON of all videos and sentences, lists of videos as CSVs.

`MSRVTT_data.json` says which videos the full split has, too. The lists of 1k-B come from elsewhere
(collaborative-experts) and may lie beside it.
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from unify.data.corpora.files import check_once, read_json, read_list, read_rows
from unify.data.corpora.msrvtt.layout import Captions, Layout, captions_of, first_only, untrained

DATA = "MSRVTT_data.json"
TRAIN = "MSRVTT_train.9k.csv"
TRAIN_7K = "MSRVTT_train.7k.csv"
TEST = "MSRVTT_JSFUSION_test.csv"
TRAIN_B, TEST_B = "train_list_miech.txt", "test_list_miech.txt"


def _trained(table: str, kit: Path) -> Captions:
    return captions_of(_listed(kit / table), _sentences(kit), kit / DATA)


def _full(*parts: str) -> Callable[[Path], Captions]:
    """Reader of the videos that the JSON puts in these parts."""

    def read(kit: Path) -> Captions:
        data = read_json(kit / DATA)
        return captions_of(_part(data, parts, kit), _grouped(data, kit), kit / DATA)

    return read


def _val(kit: Path) -> Captions:
    data = read_json(kit / DATA)
    names = untrained(_part(data, ("validate",), kit), _listed(kit / TRAIN), kit / TRAIN)
    return captions_of(names, _grouped(data, kit), kit / DATA)


def _test(kit: Path) -> Captions:
    rows = list(read_rows(kit / TEST, ("video_id", "sentence")))
    check_once([row["video_id"] for row in rows], kit / TEST)
    return {row["video_id"]: (row["sentence"],) for row in rows}


def _miech(table: str, kit: Path) -> Captions:
    return captions_of(read_list(kit / table), _sentences(kit), kit / DATA)


LAYOUT: Layout = {
    "train_9k": ((DATA, TRAIN), partial(_trained, TRAIN)),
    "train_7k": ((DATA,), _full("train", "validate")),
    "train_1kb": ((DATA, TRAIN_B), partial(_miech, TRAIN_B)),
    "train_full": ((DATA,), _full("train")),
    "val": ((DATA, TRAIN), _val),
    "val_full": ((DATA,), _full("validate")),
    "test_1ka": ((TEST,), _test),
    "test_1kb": ((DATA, TEST_B), lambda kit: first_only(_miech(TEST_B, kit))),
    "test_full": ((DATA,), _full("test")),
}


def _listed(table: Path) -> list[str]:
    names = [row["video_id"] for row in read_rows(table, ("video_id",))]
    check_once(names, table)
    return names


def _part(data: Any, parts: tuple[str, ...], kit: Path) -> list[str]:
    try:
        return [video["video_id"] for video in data["videos"] if video["split"] in parts]
    except (KeyError, TypeError) as error:
        raise _other(kit, "videos", error) from error


def _sentences(kit: Path) -> Captions:
    return _grouped(read_json(kit / DATA), kit)


def _grouped(data: Any, kit: Path) -> Captions:
    grouped: dict[str, list[str]] = {}
    try:
        for row in data["sentences"]:
            grouped.setdefault(row["video_id"], []).append(row["caption"])
    except (KeyError, TypeError) as error:
        raise _other(kit, "sentences", error) from error
    return {name: tuple(texts) for name, texts in grouped.items()}


def _other(kit: Path, what: str, error: Exception) -> ValueError:
    return ValueError(f"{kit / DATA}: {what} lack {error}; it is no CLIP4Clip kit")
