"""Frames come one from each equal interval."""

import numpy as np
import pytest

from unify.data.sampling import eval_indices, train_indices


@pytest.mark.parametrize(
    ("length", "wanted", "expected"),
    [
        (16, 4, [1, 5, 9, 13]),
        (4, 4, [0, 1, 2, 3]),
        (1, 4, [0] * 4),
        (2, 4, [0, 0, 1, 1]),
        (10, 1, [4]),
    ],
)
def test_middle_frames_by_hand(length, wanted, expected):
    assert eval_indices(length, wanted) == expected


def test_random_frames_cover_their_interval_to_its_last_frame(rng, seed):
    drawn = np.array([train_indices(16, 4, rng) for _ in range(400)])
    for k in range(4):
        assert set(drawn[:, k]) == set(range(4 * k, 4 * k + 4)), seed


def test_frames_are_in_order_and_within_any_clip(rng, seed):
    for _ in range(200):
        length, wanted = (int(n) for n in rng.integers(1, 60, 2))
        for indices in (train_indices(length, wanted, rng), eval_indices(length, wanted)):
            assert len(indices) == wanted, seed
            assert indices == sorted(indices) and indices[0] >= 0 and indices[-1] < length, seed
            if length >= wanted:
                assert len(set(indices)) == wanted, (seed, length, wanted)
