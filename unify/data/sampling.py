"""Which frames of a clip are read: T equal intervals, one frame of each.

As Frozen in Time does (section 4.1 of the paper), but the last frame of an interval can be drawn
too, and a clip shorter than T repeats frames instead of being padded.
"""

from itertools import pairwise

import numpy as np


def train_indices(length: int, num_frames: int, rng: np.random.Generator) -> list[int]:
    """One random frame per interval, in order; `length` is the clip's number of frames."""
    return [int(rng.integers(a, b, endpoint=True)) for a, b in _intervals(length, num_frames)]


def eval_indices(length: int, num_frames: int, num_clips: int = 1) -> list[int]:
    """The middle frame of each interval, in order; or so many sets of frames, one after the other,
    whose places within the intervals are evenly shifted."""
    return [
        a + (2 * shift + 1) * (b - a) // (2 * num_clips)
        for shift in range(num_clips)
        for a, b in _intervals(length, num_frames)
    ]


def _intervals(length: int, num_frames: int) -> list[tuple[int, int]]:
    """First and last frame of each interval; both the same where there is no room for more."""
    edges = [k * length // num_frames for k in range(num_frames + 1)]
    return [(a, max(a, b - 1)) for a, b in pairwise(edges)]
