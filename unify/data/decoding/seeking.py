"""Which files can be read by seeking, and what their index says.

Decoders that seek trust an index of packets. It misleads them, without an error, where packets and
frames differ (clips cut without encoding anew), where key frames are not where decoding can begin
(open groups of pictures, intra refresh) and where a container has no times of its own (AVI); and
their pixels are not PyAV's where pictures are interlaced or have more than 8 bits. So only plain
H.264 in MP4 or QuickTime is read by seeking, and only where the file's own tables prove it plain;
everything else is decoded from its start.
"""

import struct
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np

from unify.data.decoding.h264 import is_plain
from unify.data.decoding.mp4 import (
    FIRST_BOXES,
    VISUAL_ENTRY,
    Samples,
    Table,
    read_samples,
    timescale,
    top_boxes,
)
from unify.data.decoding.whole import check_whole

TURNS = {(1, 0, 0, 1), (0, 1, -1, 0), (-1, 0, 0, -1), (0, -1, 1, 0)}
"""Display matrices of the four turns, which all decoders apply."""
IDR, SLICES = 5, range(1, 6)
"""NAL unit types of H.264: a picture at which decoding can begin, and of all pictures."""


@dataclass(frozen=True)
class FrameIndex:
    """When the frames of a file are shown, in order."""

    times: np.ndarray
    """int64 (N,), rising, in `timescale` units."""
    timescale: int

    def length(self, seconds: float | None) -> int:
        """Frames before that time, counted from the first; all for None."""
        if seconds is None:
            return len(self.times)
        return int(((self.times - self.times[0]) / self.timescale < seconds).sum())

    def confirm(self, length: int) -> None:
        """ValueError where a decoder finds another number of frames in the file."""
        if length != len(self.times):
            raise ValueError(
                f"its index lists {len(self.times)} frames and the decoder finds {length}; "
                "data.decoder=av reads it from the start"
            )


def exact_index(file: BinaryIO) -> FrameIndex | None:
    """The index of a file in which seeking is exact; None where it may not be.

    Raises ValueError for a file that is cut short.
    """
    check_whole(file)
    file.seek(0)
    if file.read(8)[4:] not in FIRST_BOXES:
        return None
    box = next(box for box in top_boxes(file, file.seek(0, 2)) if box.kind == b"moov")
    file.seek(box.start)
    movie = Table(memoryview(file.read(box.stop - box.start)))
    try:
        return _plain_index(movie, file)
    except (ValueError, LookupError, struct.error):  # damaged: the decoder will say how
        return None


def _plain_index(movie: Table, file: BinaryIO) -> FrameIndex | None:
    tracks = [table for kind, table in movie.inner if kind == b"trak" and _is_video(table)]
    if len(tracks) != 1 or movie.at(b"mvex"):
        return None
    media = tracks[0].at(b"mdia")
    width = _length_width(media.at(b"minf", b"stbl", b"stsd"))
    samples = read_samples(media)
    if samples is None or not width or _turn(tracks[0]) not in TURNS:
        return None
    begins = (_begins_anew(file, offset, width) for offset in samples.offsets[samples.keys])
    if not (_in_order(samples) and _shows_all(movie, tracks[0], samples) and all(begins)):
        return None
    return FrameIndex(np.sort(samples.shown), samples.timescale)


def _is_video(track: Table) -> bool:
    handler = track.at(b"mdia", b"hdlr")
    return handler is not None and handler.content[8:12] == b"vide"


def _turn(track: Table) -> tuple[int, ...]:
    """a, b, c and d of the display matrix."""
    header = track.at(b"tkhd").content
    a, b, _, c, d = struct.unpack_from(">5i", header, 52 if header[0] else 40)
    return tuple(value / (1 << 16) for value in (a, b, c, d))


def _length_width(descriptions: Table) -> int:
    """Bytes of the length before each NAL unit; 0 where it is not plain H.264 of one kind."""
    entries = descriptions.after(8)
    if [kind for kind, _ in entries] != [b"avc1"]:
        return 0
    settings = dict(entries[0][1].after(VISUAL_ENTRY))[b"avcC"].content
    size = int.from_bytes(settings[6:8], "big")
    has_one_set = settings[5] & 31 == 1
    return (settings[4] & 3) + 1 if has_one_set and is_plain(bytes(settings[8 : 8 + size])) else 0


def _in_order(samples: Samples) -> bool:
    """Whether no frame crosses a key frame, in neither order, and every frame has its own time."""
    shown, keys = samples.shown, samples.keys
    inner = keys[1:]
    latest = np.maximum.accumulate(shown)
    earliest = np.minimum.accumulate(shown[::-1])[::-1]
    return bool(
        keys[0] == 0
        and shown[0] == earliest[0]
        and (latest[inner - 1] < shown[inner]).all()
        and (earliest[inner] == shown[inner]).all()
        and (samples.decoded[inner] > shown[keys[:-1]]).all()  # seeking goes by decoding times
        and (samples.decoded[1:] > samples.decoded[:-1]).all()
        and (samples.shown >= samples.decoded).all()
        and (np.diff(np.sort(shown)) > 0).all()
    )


def _shows_all(movie: Table, track: Table, samples: Samples) -> bool:
    """Whether the edit list hides no frame: at most a pause, then all of them at their rate."""
    edits = track.at(b"edts", b"elst")
    if edits is None:
        return True
    rows = edits.rows(3, kind=">i4")  # version 0; version 1 has wider columns
    if edits.content[0] or not 1 <= len(rows) <= 2 or (rows[:-1, 1] != -1).any():
        return False
    duration, start, rate = rows[-1]
    stop = start + duration * samples.timescale // timescale(movie.at(b"mvhd"))
    return bool(
        0 <= start <= samples.shown.min() and samples.shown.max() < stop and rate == 1 << 16
    )


def _begins_anew(file: BinaryIO, offset: int, width: int) -> bool:
    """Whether the picture at that place is an IDR picture, which refers to no earlier one."""
    while True:
        file.seek(offset)
        head = file.read(width + 1)
        if len(head) <= width:
            return False
        kind = head[width] & 31
        if kind in SLICES:
            return kind == IDR
        offset += width + int.from_bytes(head[:width], "big")
