"""MSR-VTT in the layouts in which it travels; clips at `videos/all/<video_id>.mp4`.

Each layout has the files of some splits. A split is read from the first layout that has all of its
files: the CLIP4Clip kit, Frozen in Time's folder, ClipBERT's and ALPRO's JSON lines, Singularity's
JSON. `train` is short for `train_9k`. Of 1k-A and 1k-B one caption a clip is the query (of 1k-B the
first, as in Frozen in Time), of the full test split every caption is.
"""

from pathlib import Path

from unify.data.corpora.files import MissingFile, missing
from unify.data.corpora.msrvtt import clip4clip, frozen, rows
from unify.data.corpora.msrvtt.layout import Layout
from unify.data.corpora.split import Split, find_examples
from unify.data.example import Example

LAYOUTS: tuple[Layout, ...] = (clip4clip.LAYOUT, frozen.LAYOUT, rows.ALPRO, rows.SINGULARITY)
ALIASES = {"train": "train_9k"}
FOLDERS = ("videos/all", "videos", "TrainValVideo", "TestVideo", "msrvtt_ret/videos")
"""Where clips lie, below the corpus's folder."""


def read(split: str, kit: Path) -> Split[Example]:
    """A split below the corpus's folder; raises ValueError where the files do not fit."""
    name = ALIASES.get(split, split)
    fitting = [layout for layout in LAYOUTS if name in layout]
    for layout in fitting:
        if not _lacking(layout, name, kit):
            (source, *_), reader = layout[name]
            return find_examples(kit, reader(kit), kit / source, _places)
    error = missing(_lacking(fitting[0], name, kit)[0])
    raise MissingFile(f"{error}{_other(name, kit)}")


def _lacking(layout: Layout, split: str, kit: Path) -> list[Path]:
    """Files of a split that are not there."""
    needed, _ = layout[split]
    return [kit / file for file in needed if not (kit / file).is_file()]


def _other(wanted: str, kit: Path) -> str:
    """What else can be trained on, where that is asked for."""
    there = [
        split
        for layout in LAYOUTS
        for split in layout
        if split.startswith("train") and not _lacking(layout, split, kit)
    ]
    if not (wanted.startswith("train") and there):
        return ""
    names = ", ".join(dict.fromkeys(there))
    return f"; there is {names}: set data.corpora=msrvtt/{there[0]} for it"


def _places(video: str) -> list[str]:
    return [f"{folder}/{video}.mp4" for folder in FOLDERS]
