"""WebVid-2M: `metadata/results_2M_<split>.csv`, clips at `videos/<page_dir>/<videoid>.mp4`.

Rows without a caption are left out and captions cut to 350 characters, as Frozen in Time does.
Rows without a file are left out too, and how many is logged: some urls have always been dead.
"""

from functools import cache
from pathlib import Path

from unify.data.corpora.files import listing, read_csv, tell_coverage
from unify.data.example import Example

SPLITS = ("train", "val")
MAX_CHARACTERS = 350


def load(split: str, root: Path) -> list[Example]:
    """Read a split below `<root>/WebVid`; raises ValueError where the files do not fit."""
    table = root / "WebVid" / "metadata" / f"results_2M_{split}.csv"
    rows = [row for row in read_csv(table, ("videoid", "page_dir", "name")) if row["name"]]
    folder = root / "WebVid" / "videos"
    present = cache(lambda page: listing(folder / page))
    examples = [
        _example(row, folder) for row in rows if f"{row['videoid']}.mp4" in present(row["page_dir"])
    ]
    tell_coverage(f"webvid2m {split}", len(examples), len(rows), folder)
    return examples


def _example(row: dict[str, str], folder: Path) -> Example:
    path = folder / row["page_dir"] / f"{row['videoid']}.mp4"
    return Example(row["videoid"], path, (row["name"][:MAX_CHARACTERS],))
