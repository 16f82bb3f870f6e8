"""The sample tables of an MP4 or QuickTime file (ISO/IEC 14496-12)."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import BinaryIO, NamedTuple

import numpy as np

FIRST_BOXES = {b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot"}
"""What the first box may be, by which such a file is known."""
HEAD = struct.Struct(">I4s")
"""A box begins with its size and its kind."""
VISUAL_ENTRY = 78
"""Bytes of a video's sample description before the boxes within it."""
NEEDED = (b"stsz", b"stts", b"stsc", b"stss")
"""Sizes, times, places and key frames; where all frames are key frames the last may lack."""


class Box(NamedTuple):
    """A box of a file: its kind and where its content lies."""

    kind: bytes
    start: int
    stop: int


class Table:
    """A box's content and the boxes within it, by their path."""

    def __init__(self, content: memoryview) -> None:
        self.content = content

    @cached_property
    def inner(self) -> list[tuple[bytes, "Table"]]:
        """The boxes that lie directly within."""
        return self.after(0)

    def after(self, start: int) -> list[tuple[bytes, "Table"]]:
        """The boxes from that byte on; ValueError where one is longer than what holds it."""
        found = []
        while start + 8 <= len(self.content):
            size, kind = HEAD.unpack_from(self.content, start)
            stop = start + (size or len(self.content) - start)
            if size < 8 or stop > len(self.content):
                raise ValueError("its index is damaged")
            found.append((kind, Table(self.content[start + 8 : stop])))
            start = stop
        return found

    def at(self, *path: bytes) -> "Table | None":
        """The first box at a path, None where there is none."""
        table = self
        for step in path:
            table = next((inner for kind, inner in table.inner if kind == step), None)
            if table is None:
                return None
        return table

    def rows(self, columns: int, skip: int = 4, kind: str = ">u4") -> np.ndarray:
        """A counted table: int64 (rows, columns); `skip` bytes stand before the count."""
        (count,) = struct.unpack_from(">I", self.content, skip)
        values = np.frombuffer(self.content, kind, count * columns, skip + 4)
        return values.reshape(count, columns).astype(np.int64)


def top_boxes(file: BinaryIO, length: int) -> Iterator[Box]:
    """The outermost boxes of a file of `length` bytes; the last may reach beyond its end."""
    start = 0
    while start + 8 <= length:
        file.seek(start)
        head = file.read(16)
        size, kind = HEAD.unpack_from(head)
        large = size == 1 and len(head) == 16
        size = struct.unpack_from(">Q", head, 8)[0] if large else size or length - start
        yield Box(kind, start + (16 if large else 8), start + size)
        start += max(size, 8)


@dataclass(frozen=True)
class Samples:
    """A track's samples (frames) in the order in which they are stored, which is decoding's."""

    decoded: np.ndarray
    """int64 (N,), when each is decoded, in `timescale` units."""
    shown: np.ndarray
    """int64 (N,), when each is shown."""
    offsets: np.ndarray
    """int64 (N,), where each begins in the file."""
    keys: np.ndarray
    """int64 (K,), the numbers of the key frames."""
    timescale: int
    """Units of time in a second."""


def read_samples(media: Table) -> Samples | None:
    """The samples of a track's `mdia`; None where tables are missing or contradict each other."""
    tables = media.at(b"minf", b"stbl")
    header = media.at(b"mdhd")
    if not (header and tables and all(map(tables.at, NEEDED))):
        return None
    sizes = tables.at(b"stsz").rows(1, 8)[:, 0]
    steps = _spread(tables.at(b"stts").rows(2), len(sizes))
    late = tables.at(b"ctts")
    delays = 0 * sizes if late is None else _spread(late.rows(2, 4, ">i4"), len(sizes))
    offsets = _offsets(tables, sizes)
    if steps is None or delays is None or offsets is None:
        return None
    decoded = np.cumsum(steps) - steps
    keys = tables.at(b"stss").rows(1)[:, 0] - 1
    return Samples(decoded, decoded + delays, offsets, keys, timescale(header))


def timescale(header: Table) -> int:
    """Units in a second, of an `mdhd` or `mvhd`."""
    return struct.unpack_from(">I", header.content, 20 if header.content[0] else 12)[0]


def _spread(runs: np.ndarray, count: int) -> np.ndarray | None:
    """From (repeats, value) to one value per sample; None where they are not `count`."""
    if runs[:, 0].sum() != count or (runs[:, 0] < 0).any():
        return None
    return np.repeat(runs[:, 1], runs[:, 0])


def _offsets(tables: Table, sizes: np.ndarray) -> np.ndarray | None:
    """Where samples begin: they lie one after the other in chunks, whose places are listed."""
    if (short := tables.at(b"stco")) is not None:
        chunks = short.rows(1)[:, 0]
    elif (long := tables.at(b"co64")) is not None:
        chunks = long.rows(1, 4, ">u8")[:, 0]
    else:
        return None
    runs = tables.at(b"stsc").rows(3)
    per_chunk = np.repeat(runs[:, 1], np.diff(runs[:, 0], append=len(chunks) + 1))
    if len(per_chunk) != len(chunks) or per_chunk.sum() != len(sizes):
        return None
    before = np.cumsum(sizes) - sizes
    first = np.cumsum(per_chunk) - per_chunk
    return np.repeat(chunks - before[np.minimum(first, len(sizes) - 1)], per_chunk) + before
