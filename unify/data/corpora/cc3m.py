"""CC3M: header-less TSVs of caption and url, images named by their downloader.

Names follow DownloadConceptualCaptions, `<row>_<crc32(url)>`, or Frozen in Time, `<crc32(url)>`,
with any extension of images or none. Also the TSVs of OA-Transformer and MCQ, tar shards at
`shards/<split>`, and what a `columns.toml` describes. A part of the urls is dead for everyone: rows
without a file are left out.
"""

from pathlib import Path

from unify.data.corpora.columns import Columns
from unify.data.corpora.shards import Shards
from unify.data.corpora.sources import Source, read_source
from unify.data.corpora.split import Split
from unify.data.example import Example

TABLES = {
    "train": "Train_GCC-training.tsv",
    "val": "Validation_GCC-1.1.0-Validation.tsv",
}
FOLDERS = {"train": "training", "val": "validation"}


def read(split: str, kit: Path) -> Split[Example]:
    """A split below the corpus's folder; raises ValueError where the files do not fit."""
    return read_source(kit, split, _sources(split), is_image=True)


def _sources(split: str) -> tuple[Source, ...]:
    folder = FOLDERS[split]
    published = Columns(
        table=TABLES[split],
        columns=("caption", "url"),
        key="{row}_{url_crc32}",
        clips=(f"{folder}/{{row}}_{{url_crc32}}", f"{folder}/{{url_crc32}}"),
    )
    successes = Columns(
        table=f"metadata/cc3m_{folder}_success_full.tsv",
        columns=("caption", "path"),
        key="{path}",
        clips=(f"{folder}/{{path}}",),
    )
    return Shards(shards=f"shards/{split}/*.tar"), published, successes
