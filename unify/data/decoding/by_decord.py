"""Frames by decord, which seeks."""

from functools import cache
from importlib.util import find_spec

import numpy as np

from unify.data.decoding.seeking import FrameIndex
from unify.data.decoding.sources import Choose, Source, named


@cache
def is_installed() -> bool:
    """Whether decord is here: it has wheels for x86-64 only."""
    return find_spec("decord") is not None


def read(
    source: Source, choose: Choose, index: FrameIndex, seconds: float | None = None
) -> np.ndarray:
    """Frames of a file with an exact index: uint8 (T, H, W, 3).

    One thread, one batch of rising frame numbers, and a reader that lives no longer: otherwise
    decord hangs in forked processes (threads) and keeps decoding in the background (memory).
    """
    import decord

    reader = decord.VideoReader(named(source), num_threads=1)
    index.confirm(len(reader))
    numbers, places = np.unique(choose(index.length(seconds)), return_inverse=True)
    return reader.get_batch(numbers.tolist()).asnumpy()[places]
