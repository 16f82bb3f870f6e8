"""Frames by PyAV, which decodes from the start: exact for every file."""

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from unify.data.decoding.sources import Choose, Source, named

if TYPE_CHECKING:
    from av import VideoFrame

HELD = 512 << 20
"""Bytes of frames kept while a clip is decoded; of a longer clip some are decoded twice."""


def read(source: Source, choose: Choose, seconds: float | None = None) -> np.ndarray:
    """Frames as displayed, turned where the file says so: uint8 (T, H, W, 3); one thread."""
    from av.video.reformatter import VideoReformatter

    held, length, room = {}, 0, 0
    for length, frame in enumerate(_decoded(source, seconds), 1):
        room = room or max(1, HELD // sum(plane.buffer_size for plane in frame.planes))
        if length <= room:
            held[length - 1] = frame
    if not length:
        raise ValueError("it has no frames")
    chosen = choose(length)
    if not set(chosen) <= held.keys():
        decoded = enumerate(_decoded(source, seconds))
        held = {number: frame for number, frame in decoded if number in chosen}
    convert = partial(VideoReformatter().reformat, format="rgb24", threads=1)
    frames = np.stack([convert(held[number]).to_ndarray() for number in chosen])
    turns = round(held[chosen[0]].rotation / 90)
    return np.ascontiguousarray(np.rot90(frames, turns, (1, 2)))


def _decoded(source: Source, seconds: float | None) -> Iterator["VideoFrame"]:
    """The frames, one after the other; those of the first seconds where a number is given."""
    frames = _from_start(source)
    return frames if seconds is None else _before(frames, seconds)


def _from_start(source: Source) -> Iterator["VideoFrame"]:
    import av

    with av.open(named(source)) as container:
        stream = container.streams.best("video")
        if stream is None:
            raise ValueError("it has no video stream")
        stream.thread_count = 1
        for packet in container.demux(stream):
            if packet.is_corrupt:
                raise ValueError("the file is cut short or damaged")
            yield from packet.decode()


def _before(frames: Iterator["VideoFrame"], seconds: float) -> Iterator["VideoFrame"]:
    """Frames before that time, counted from the first; what comes later is not decoded."""
    start = None
    for frame in frames:
        shown = (frame.pts or 0) * frame.time_base
        start = shown if start is None else start
        if shown - start >= seconds:
            return
        yield frame
