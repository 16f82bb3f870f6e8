"""MSR-VTT, as the CLIP4Clip kit holds it.

`MSRVTT_data.json` has all videos and sentences, `MSRVTT_train.9k.csv` lists the training videos,
`MSRVTT_JSFUSION_test.csv` the 1,000 test videos of split 1k-A with one sentence each. A file that
is missing is an error: a smaller test set would give other numbers under the same name.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Collection
from functools import partial
from pathlib import Path

from unify.data.corpora.files import listing, read_csv, read_text
from unify.data.example import Example

DATA = "MSRVTT_data.json"
TRAIN = "MSRVTT_train.9k.csv"
TEST = "MSRVTT_JSFUSION_test.csv"


def splits(
    folder: str, only: Collection[str] = ("train", "train_9k", "val", "test_1ka")
) -> dict[str, Callable[[Path], list[Example]]]:
    """Readers of the splits of a kit at `<root>/<folder>`; `train` is short for `train_9k`."""
    readers = {"train": _train, "train_9k": _train, "val": _val, "test_1ka": _test}
    return {name: partial(_load, readers[name], folder) for name in only}


def _load(
    reader: Callable[[Path], dict[str, tuple[str, ...]]], folder: str, root: Path
) -> list[Example]:
    kit = root / folder
    captions = reader(kit)
    videos = kit / "videos" / "all"
    present = listing(videos)
    if lost := [name for name in captions if f"{name}.mp4" not in present]:
        raise ValueError(
            f"{videos} lacks {len(lost)} of {len(captions)} clips, {lost[0]}.mp4 first; "
            "download the rest of MSR-VTT there"
        )
    return [Example(name, videos / f"{name}.mp4", texts) for name, texts in captions.items()]


def _train(kit: Path) -> dict[str, tuple[str, ...]]:
    """All sentences of the videos in the 9k list."""
    sentences = _sentences(_data(kit), kit)
    listed = _listed(kit)
    if lost := [name for name in listed if name not in sentences]:
        raise ValueError(f"{kit / DATA} has no sentence for {lost[0]}, which {TRAIN} lists")
    return {name: sentences[name] for name in listed}


def _val(kit: Path) -> dict[str, tuple[str, ...]]:
    """The validation videos that are not trained on; the published 9k list leaves none."""
    data = _data(kit)
    sentences = _sentences(data, kit)
    trained = set(_listed(kit))
    names = [v["video_id"] for v in data["videos"] if v["split"] == "validate"]
    kept = [name for name in names if name not in trained]
    if not kept:
        raise ValueError(
            f"{kit / TRAIN} holds every validation video of {DATA}, so there is no clean split "
            "val; take some out of that list, or evaluate on test_1ka"
        )
    return {name: sentences[name] for name in kept}


def _test(kit: Path) -> dict[str, tuple[str, ...]]:
    rows = read_csv(kit / TEST, ("video_id", "sentence"))
    return {row["video_id"]: (row["sentence"],) for row in rows}


def _listed(kit: Path) -> list[str]:
    return [row["video_id"] for row in read_csv(kit / TRAIN, ("video_id",))]


def _data(kit: Path) -> dict:
    try:
        return json.loads(read_text(kit / DATA))
    except json.JSONDecodeError as error:
        raise ValueError(f"{kit / DATA} is not JSON ({error}); download it again") from error


def _sentences(data: dict, kit: Path) -> dict[str, tuple[str, ...]]:
    grouped: dict[str, list[str]] = defaultdict(list)
    try:
        for row in data["sentences"]:
            grouped[row["video_id"]].append(row["caption"])
    except KeyError as error:
        raise ValueError(f"{kit / DATA}: sentences lack {error}; it is no CLIP4Clip kit") from error
    return {name: tuple(texts) for name, texts in grouped.items()}
