"""Large tables of captions and clips, whose columns and places a map describes."""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Formatter

from unify.data.corpora.captions import has_words
from unify.data.corpora.clips import ClipFinder, check_inside
from unify.data.corpora.files import ends_within_line, read_rows
from unify.data.corpora.split import Split
from unify.data.example import Example

MAX_CHARACTERS = 350
"""Of a caption; what follows is cut off, as Frozen in Time does."""
COMPUTED = ("row", "url_crc32")
"""Names in braces that are no columns: the row's number from 0, and the CRC-32 of column `url`."""


@dataclass(frozen=True, kw_only=True)
class Columns:
    """One table: a row is a caption and a clip."""

    table: str
    """Below the corpus's folder; `.tsv` has tabs, in which quotes mean nothing, else commas."""
    clips: tuple[str, ...]
    """Places of a row's clip below the corpus's folder, columns in braces; the first is usual."""
    caption: str = "caption"
    columns: tuple[str, ...] = ()
    """Names of the columns, where the table has no header."""
    key: str = "{row}"
    """Names a row's clip."""

    @property
    def needed(self) -> tuple[str, ...]:
        """Columns that are used."""
        used = [name for text in (*self.clips, self.key) for name in _fields(text)]
        if "url_crc32" in used:
            used.append("url")
        return tuple(dict.fromkeys([self.caption, *(u for u in used if u not in COMPUTED)]))


def read_columns(kit: Path, source: Columns, *, is_image: bool = False) -> Split[Example]:
    """Rows with a caption, in order, each with its clip where that is there."""
    finder = ClipFinder(kit, is_image=is_image)
    examples, missing, blank = [], [], []
    for row in _rows(kit / source.table, source):
        key, caption = source.key.format_map(row), row[source.caption][:MAX_CHARACTERS]
        if not has_words(caption):
            blank.append(key)
            continue
        path, is_there = finder.find(_places(kit, source, row))
        clip = Example(key, path, (caption,), is_image=is_image)
        (examples if is_there else missing).append(clip)
    return Split(examples, missing, tuple(_notes(kit, source, blank)))


def _places(kit: Path, source: Columns, row: dict[str, str]) -> list[str]:
    """Where a row's clip may lie; the corpus's description may lead elsewhere, its rows may not."""
    for name in _cells(source.clips):
        check_inside(row[name], kit / source.table)
    places = [template.format_map(row) for template in source.clips]
    for template, place in zip(source.clips, places, strict=True):
        if place.split("/").count("..") > template.split("/").count(".."):
            check_inside(place, kit / source.table)
    return places


def _notes(kit: Path, source: Columns, blank: list[str]) -> Iterator[str]:
    if blank:
        yield (
            f"{len(blank)} rows of {source.table} have no caption and are left out, {blank[0]} "
            "for one"
        )
    if ends_within_line(kit / source.table):
        yield f"the last line of {source.table} has no line feed: was it cut short?"


def _rows(path: Path, source: Columns) -> Iterator[dict[str, str]]:
    rows = read_rows(path, source.needed, names=source.columns, tabs=path.suffix == ".tsv")
    hashed = any("url_crc32" in _fields(text) for text in (*source.clips, source.key))
    for number, row in enumerate(rows):
        row["row"] = str(number)
        if hashed:
            row["url_crc32"] = str(zlib.crc32(row["url"].encode()))
        yield row


@cache
def _cells(texts: tuple[str, ...]) -> tuple[str, ...]:
    """Columns that texts name, each once."""
    return tuple(dict.fromkeys(name for text in texts for name in _fields(text)))


def _fields(text: str) -> list[str]:
    """Names in braces."""
    return [name for _, name, _, _ in Formatter().parse(text) if name is not None]
