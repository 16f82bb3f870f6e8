"""Tar shards as img2dataset and video2dataset write them.

A clip is read from where it lies in its shard, by offset: nothing is unpacked, which would double
the space and make millions of files, and any clip can be read at any time, as the order of training
needs (streaming a shard from its start cannot resume at a step). What belongs to one sample is
decided by the webdataset library. Finding the offsets takes one pass over the headers of each
shard; they are kept beside the shards, in `.index`.
"""

import glob
import json
import logging
import os
import tarfile
from collections.abc import Iterator
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any

from unify.data.corpora.captions import has_words, whole
from unify.data.corpora.clips import has_kind
from unify.data.corpora.columns import MAX_CHARACTERS
from unify.data.corpora.split import Split
from unify.data.example import Example, Member
from unify.files import write_atomically

log = logging.getLogger(__name__)

SCHEMA = 2
"""Raised when the index's form changes."""
TEXTS = ("txt", "json")
"""Parts of a sample that are read into the index."""


@dataclass(frozen=True, kw_only=True)
class Shards:
    """Tar files of samples: a clip or image, its caption, what else its downloader knew."""

    shards: str
    """Their names below the corpus's folder or from the root, with * for what differs."""
    caption: str = ""
    """Field of a sample's .json that is the caption; empty: its .txt, or `caption` in the .json."""


@dataclass(frozen=True)
class Sample:
    """What the index holds of a sample."""

    key: str
    caption: str
    member: Member | None
    """None where the download failed and only the text is there."""


def shard_files(kit: Path, source: Shards) -> list[Path]:
    """The shards, in the order of their names."""
    pattern = os.path.join(glob.escape(str(kit)), source.shards)
    return sorted(map(Path, glob.glob(pattern)))


def read_shards(kit: Path, source: Shards, *, is_image: bool = False) -> Split[Example]:
    """Samples with a caption, shard by shard."""
    examples, missing, blank = [], [], []
    for shard in shard_files(kit, source):
        for sample in read_shard(shard, source.caption, is_image=is_image):
            key, texts = (
                whole(f"{shard.stem}/{sample.key}"),
                (whole(sample.caption)[:MAX_CHARACTERS],),
            )
            if not has_words(texts[0]):
                blank.append(key)
                continue
            member = sample.member or Member(sample.key, 0, 0)
            clip = Example(key, shard, texts, is_image=is_image, member=member)
            (examples if sample.member else missing).append(clip)
    said = f"{len(blank)} samples have no caption and are left out, "
    return Split(examples, missing, tuple(f"{said}{key} for one" for key in blank[:1]))


def read_shard(shard: Path, field: str = "", *, is_image: bool = False) -> list[Sample]:
    """A shard's samples, each with its video or its image, from its index where that is there and
    of this very file.

    Raises ValueError for a file that is no tar file, is cut short, or holds a malformed sample.
    """
    index = shard.with_name(".index") / f"{shard.stem}.json"
    stat = shard.stat()
    origin = [SCHEMA, stat.st_size, stat.st_mtime_ns, field, is_image]
    try:
        kept = json.loads(index.read_bytes())
        if kept["origin"] == origin:
            return [_from_row(row) for row in kept["samples"]]
    except (OSError, ValueError, KeyError, TypeError):
        pass  # no index, or no whole one: it is made anew
    samples = list(_scan(shard, field, is_image))
    rows = [_to_row(sample) for sample in samples]
    try:
        write_atomically(index, json.dumps({"origin": origin, "samples": rows}))
    except OSError as error:
        log.warning("%s cannot be kept (%s): %s is indexed each time", index, error, shard)
    return samples


def _to_row(sample: Sample) -> list[Any]:
    place = () if sample.member is None else astuple(sample.member)
    return [sample.key, sample.caption, *place]


def _from_row(row: list[Any]) -> Sample:
    key, caption, *member = row
    return Sample(key, caption, Member(*member) if member else None)


def _scan(shard: Path, field: str, is_image: bool) -> Iterator[Sample]:
    from webdataset.tariterators import group_by_keys  # late: it imports torch

    try:
        for parts in group_by_keys(_members(shard)):
            key = parts.pop("__key__")
            del parts["__url__"]
            yield Sample(key, _caption(parts, field), _clip(parts, is_image))
    except (tarfile.TarError, ValueError, EOFError, AttributeError, RecursionError) as error:
        said = error.args[0] if type(error) is ValueError else error  # webdataset adds a stream
        reason = " ".join(str(said).split())
        raise ValueError(
            f"{shard} is no whole tar file of samples ({reason}); download it again, unpacked "
            "(.tar, not .tar.gz)"
        ) from error


def _members(shard: Path) -> Iterator[dict[str, Any]]:
    """Files in the form that webdataset groups: texts with their bytes, others as places."""
    size = os.path.getsize(shard)
    with tarfile.open(shard, "r:") as archive:
        for info in archive:
            if not info.isreg() or info.name.startswith("__"):
                continue
            if info.offset_data + info.size > size:
                raise tarfile.ReadError("it is cut short")
            is_text = info.name.rpartition(".")[2].lower() in TEXTS
            data: bytes | Member = Member(info.name, info.offset_data, info.size)
            if is_text:
                data = archive.extractfile(info).read()
            yield {"fname": info.name, "data": data, "__url__": str(shard)}
        archive.fileobj.seek(archive.offset)
        if archive.fileobj.read(tarfile.BLOCKSIZE) != bytes(tarfile.BLOCKSIZE):
            raise tarfile.ReadError("it is cut short or damaged")  # a bad header ends the loop too


def _caption(parts: dict[str, Any], field: str) -> str:
    if "txt" in parts and not field:
        return parts["txt"].decode("utf-8")
    told = json.loads(parts.get("json", b"{}")).get(field or "caption")
    return told if isinstance(told, str) else ""


def _clip(parts: dict[str, Any], is_image: bool) -> Member | None:
    """The first part of the kind: a sample may hold a thumbnail, sound or subtitles besides."""
    return next((part for name, part in parts.items() if has_kind(name, is_image)), None)
