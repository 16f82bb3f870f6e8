"""CC3M: header-less TSVs of caption and url, images named by their downloader.

Names follow DownloadConceptualCaptions, `<row>_<crc32(url)>`, or Frozen in Time, `<crc32(url)>`,
with any extension or none. A part of the urls is dead for everyone: rows without a file are left
out, and how many is logged.
"""

import zlib
from pathlib import Path

from unify.data.corpora.files import listing, read_text, tell_coverage
from unify.data.example import Example

SPLITS = {
    "train": ("Train_GCC-training.tsv", "training"),
    "val": ("Validation_GCC-1.1.0-Validation.tsv", "validation"),
}
"""Metadata file and image folder by split."""


def load(split: str, root: Path) -> list[Example]:
    """Read a split below `<root>/CC3M`; raises ValueError where the files do not fit."""
    table, folder = (root / "CC3M" / name for name in SPLITS[split])
    rows = _rows(table)
    files = {name.partition(".")[0]: name for name in listing(folder)}
    examples = []
    for number, (caption, url) in enumerate(rows):
        code = str(zlib.crc32(url.encode()))
        if name := files.get(f"{number}_{code}") or files.get(code):
            examples.append(Example(f"{number}_{code}", folder / name, (caption,), is_image=True))
    tell_coverage(f"cc3m {split}", len(examples), len(rows), folder)
    return examples


def _rows(table: Path) -> list[tuple[str, str]]:
    rows = []
    for number, line in enumerate(read_text(table).split("\n"), start=1):
        if not line:
            continue
        caption, tab, url = line.rstrip("\r").partition("\t")
        if not tab:
            raise ValueError(f"{table}: line {number} is not caption, tab, url")
        rows.append((caption, url))
    return rows
