"""Where the captions and clips of a large corpus come from: tables or tar shards, theirs or ours.

The published files are known to each corpus's module. For other files a user writes `columns.toml`
into the corpus's folder:

    [train]
    table = "metadata/mine.tsv"       # .tsv: tabs, quotes mean nothing; .csv: commas and quotes
    columns = ["caption", "clip"]     # names, where the table has no header
    caption = "caption"
    clips = ["videos/{clip}.mp4"]     # columns in braces; {row} counts rows from 0
    key = "{clip}"

    [val]
    shards = "shards/val/*.tar"       # tar files as img2dataset and video2dataset write them
    caption = "name"                  # a field of each sample's .json in place of its .txt
"""

import tomllib
from pathlib import Path
from typing import Any, get_type_hints

from pydantic import TypeAdapter, ValidationError

from unify.config.errors import unknown
from unify.data.corpora.columns import Columns, read_columns
from unify.data.corpora.files import missing, read_text
from unify.data.corpora.shards import Shards, read_shards, shard_files
from unify.data.corpora.split import Split
from unify.data.example import Example

OWN = "columns.toml"
"""A user's own description, in the corpus's folder."""
SPLITS = ("train", "val")
"""What it can describe."""

Source = Columns | Shards


def read_source(
    kit: Path, split: str, known: tuple[Source, ...], *, is_image: bool = False
) -> Split[Example]:
    """A split as the user describes it or, without that, from the first known source there is.

    Raises ValueError where there is none, or where the files do not fit.
    """
    own = own_sources(kit).get(split)
    sources = known if own is None else (own,)
    for source in sources:
        if isinstance(source, Shards):
            if shard_files(kit, source):
                return read_shards(kit, source, is_image=is_image)
        elif (kit / source.table).is_file():
            return read_columns(kit, source, is_image=is_image)
    tables = [source.table for source in sources if isinstance(source, Columns)]
    raise missing(kit / (tables[0] if tables else own.shards))


def own_sources(kit: Path) -> dict[str, Source]:
    """The user's own sources by split; ValueError for a setting that is unknown or wrong."""
    path = kit / OWN
    if not path.is_file():
        return {}
    try:
        content = tomllib.loads(read_text(path))
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"{path} is not TOML: {error}") from error
    for split in content:
        if split not in SPLITS:
            raise ValueError(f"{path}: {unknown('split', split, SPLITS)}")
    return {split: _source(f"{path}, [{split}]", table) for split, table in content.items()}


def _source(where: str, table: Any) -> Source:
    if not isinstance(table, dict) or not {"table", "shards"} & set(table):
        raise ValueError(f"{where}: give table and clips, or shards")
    if "shards" in table:
        return Shards(**_typed(where, table, Shards))
    values = _typed(where, table, Columns)
    if not values.get("clips"):
        raise ValueError(f"{where}: give clips, such as ['videos/{{clip}}.mp4']")
    return _checked(where, Columns(**values))


def _typed(where: str, table: dict[str, Any], kind: type) -> dict[str, Any]:
    """The settings, each of its field's type."""
    hints = get_type_hints(kind)
    values = {}
    for name, value in table.items():
        if name not in hints:
            raise ValueError(f"{where}: {unknown('setting', name, hints)}")
        try:
            values[name] = TypeAdapter(hints[name]).validate_python(value)
        except ValidationError as error:
            reason = error.errors()[0]["msg"]
            raise ValueError(f"{where}: {name}={value!r}: {reason}") from error
    return values


def _checked(where: str, source: Columns) -> Columns:
    try:
        needed = source.needed
    except ValueError as error:
        raise ValueError(f"{where}: clips or key: {error}") from error
    for name in needed:
        if source.columns and name not in source.columns:
            raise ValueError(f"{where}: {unknown('column', name, source.columns)}")
    return source
