"""WebVid-2M: `metadata/results_2M_<split>.csv`, clips at `videos/<page_dir>/<videoid>.mp4`.

Also the header-less TSVs of OA-Transformer and MCQ, tar shards at `shards/<split>`, and what a
`columns.toml` describes. Rows without a caption are left out and captions cut to 350 characters,
as Frozen in Time does. Rows without a file are left out too: some urls have always been dead.
"""

from pathlib import Path

from unify.data.corpora.columns import Columns
from unify.data.corpora.shards import Shards
from unify.data.corpora.sources import Source, read_source
from unify.data.corpora.split import Split
from unify.data.example import Example

LONG = {"train": "training", "val": "validation"}
"""The splits' names in other works' files."""


def read(split: str, kit: Path) -> Split[Example]:
    """A split below the corpus's folder; raises ValueError where the files do not fit."""
    return read_source(kit, split, _sources(split))


def _sources(split: str) -> tuple[Source, ...]:
    published = Columns(
        table=f"metadata/results_2M_{split}.csv",
        caption="name",
        key="{videoid}",
        clips=("videos/{page_dir}/{videoid}.mp4", f"videos/{split}/{{page_dir}}/{{videoid}}.mp4"),
    )
    successes = Columns(
        table=f"metadata/webvid_{LONG[split]}_success_full.tsv",
        columns=("caption", "path"),
        key="{path}",
        clips=("videos/{path}.mp4", f"videos/{split}/{{path}}.mp4"),
    )
    return Shards(shards=f"shards/{split}/*.tar"), published, successes
