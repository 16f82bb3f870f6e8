"""Does a file end before its content does? Containers say how long they are, most of them.

MPEG program and transport streams and raw streams do not, nor do live Matroska, AVI and ASF
files; and fragmented MP4 does not say how many fragments there are.
"""

import struct
from collections.abc import Callable
from typing import BinaryIO

from unify.data.decoding.mp4 import FIRST_BOXES, top_boxes

INDEXED = (b"moov", b"mdat")
"""The boxes that hold what an MP4 file shows; what follows them may be anything."""
EBML = b"\x1a\x45\xdf\xa3"
SEGMENT = b"\x18\x53\x80\x67"
"""Of Matroska: what holds all after the header."""
ASF = bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c")
"""The identity of the header object, which begins a WMV file."""
ASF_OBJECT = struct.Struct("<16sQ")
"""An object begins with its identity and its size."""


def check_whole(file: BinaryIO) -> None:
    """ValueError for a file that ends before its content does, as far as it says how long it is."""
    file.seek(0)
    head = file.read(64)
    length = file.seek(0, 2)
    if not _of_kind(head)(file, head, length):
        raise ValueError("the file is cut short")


def _of_kind(head: bytes) -> Callable[[BinaryIO, bytes, int], bool]:
    if head[4:8] in FIRST_BOXES:
        return _is_whole_mp4
    if head.startswith(ASF):
        return _is_whole_asf
    return _is_whole_by_header


def _is_whole_mp4(file: BinaryIO, head: bytes, length: int) -> bool:
    """Whether the index is there and its boxes end; a fragment's index is followed by its data."""
    boxes = list(top_boxes(file, length))
    last = {box.kind: box for box in boxes}
    if b"moof" in last:
        told = b"mdat" in last and last[b"moof"].start < last[b"mdat"].start
        return told and b"moov" in last and boxes[-1].stop == length
    return b"moov" in last and all(last[kind].stop <= length for kind in INDEXED if kind in last)


def _is_whole_asf(file: BinaryIO, head: bytes, length: int) -> bool:
    """Whether its outermost objects end: header, data, indices."""
    start = 0
    while start + ASF_OBJECT.size <= length:
        file.seek(start)
        _, size = ASF_OBJECT.unpack(file.read(ASF_OBJECT.size))
        if size < ASF_OBJECT.size:  # written live: it does not say
            return True
        start += size
    return start <= length


def _is_whole_by_header(file: BinaryIO, head: bytes, length: int) -> bool:
    return _declared(head) <= length


def _declared(head: bytes) -> int:
    """How long an AVI or Matroska file says that it is; 0 where it does not say."""
    if head[:4] == b"RIFF" and head[8:12] == b"AVI ":
        return 8 + struct.unpack_from("<I", head, 4)[0]
    if not head.startswith(EBML):
        return 0
    start = head.find(SEGMENT) + 4
    width = 9 - head[start].bit_length()
    size = int.from_bytes(head[start : start + width], "big") & ((1 << 7 * width) - 1)
    unknown = size == (1 << 7 * width) - 1
    return 0 if start < 4 or unknown else start + width + size
