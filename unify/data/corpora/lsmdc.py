"""LSMDC: tables without header, divided by tabs, and clips at `videos/<movie>/<clip_id>.avi`.

The test table's published name is misspelt; under the right one it is found too. A clip id that
comes again is another caption of the same clip.
"""

from pathlib import Path

from unify.data.corpora.files import missing, read_rows
from unify.data.corpora.split import Split, find_examples
from unify.data.example import Example

TABLES = {
    "train": ("LSMDC16_annos_training.csv",),
    "val": ("LSMDC16_annos_val.csv",),
    "test": ("LSMDC16_challenge_1000_publictect.csv", "LSMDC16_challenge_1000_publictest.csv"),
}
COLUMNS = (
    "clip_id", "start_aligned", "end_aligned", "start_extracted", "end_extracted", "sentence",
)  # fmt: skip


def read(split: str, kit: Path) -> Split[Example]:
    """A split below the corpus's folder; raises ValueError where the files do not fit."""
    found = [kit / name for name in TABLES[split] if (kit / name).is_file()]
    if not found:
        raise missing(kit / TABLES[split][0])
    captions: dict[str, list[str]] = {}
    for row in read_rows(found[0], COLUMNS, names=COLUMNS, tabs=True):
        captions.setdefault(row["clip_id"], []).append(row["sentence"].strip())
    for clip in captions:
        if not movie_of(clip):
            raise ValueError(
                f"{found[0]}: {clip!r} is no clip id, <movie>_<start>-<end>; download it again"
            )
    return find_examples(kit, captions, found[0], _places)


def movie_of(clip: str) -> str:
    """The movie's folder: the clip id up to the last `_` before its first dot."""
    start, dot, _ = clip.partition(".")
    return start.rpartition("_")[0] if dot else ""


def _places(clip: str) -> list[str]:
    name = f"{movie_of(clip)}/{clip}.avi"
    return [f"videos/{name}", name, f"videos/{clip}.avi"]
