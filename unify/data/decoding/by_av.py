"""Frames by PyAV, which decodes from the start: exact for every file."""

from functools import partial

import numpy as np

from unify.data.decoding.in_order import opened
from unify.data.decoding.sources import Choose, Source

HELD = 512 << 20
"""Bytes of frames kept while a clip is decoded; of a longer clip some are decoded twice."""


def read(source: Source, choose: Choose, seconds: float | None = None) -> np.ndarray:
    """Frames as displayed, turned where the file says so: uint8 (T, H, W, 3); one thread."""
    from av.video.reformatter import VideoReformatter

    held, length, room = {}, 0, 0
    with opened(source, seconds) as video:
        for length, (_, frame) in enumerate(video, 1):
            room = room or max(1, HELD // sum(plane.buffer_size for plane in frame.planes))
            if length <= room:
                held[length - 1] = frame
    if not length:
        raise ValueError("it has no frames")
    chosen = choose(length)
    if not set(chosen) <= held.keys():
        with opened(source, seconds) as video:
            held = {number: frame for number, (_, frame) in enumerate(video) if number in chosen}
    convert = partial(VideoReformatter().reformat, format="rgb24", threads=1)
    frames = np.stack([convert(held[number]).to_ndarray() for number in chosen])
    turns = round(held[chosen[0]].rotation / 90)
    return np.ascontiguousarray(np.rot90(frames, turns, (1, 2)))
