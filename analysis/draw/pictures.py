"""Frames of small animated pictures."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from analysis.errors import AnalysisError


def frames(path: Path, count: int) -> list[np.ndarray]:
    """`count` frames (H, W, 3), spread evenly from the first to the last.

    Raises:
        AnalysisError: where the file is no picture.
    """
    try:
        with Image.open(path) as picture:
            total = getattr(picture, "n_frames", 1)
            return [_frame(picture, number) for number in _spread(total, count)]
    except (OSError, ValueError) as error:
        raise AnalysisError(f"{path} is no picture ({error}); run the sweep again") from error


def _frame(picture: Image.Image, number: int) -> np.ndarray:
    picture.seek(number)
    return np.asarray(picture.convert("RGB"))


def _spread(total: int, count: int) -> Sequence[int]:
    return np.linspace(0, total - 1, count).round().astype(int).tolist()
