"""A cinema's look, as LSMDC's clips have it beside those of the web."""

import numpy as np
from PIL import Image

BAR = 0.1
"""Height of each of the two black bars, as a share of the frame's: the picture is squeezed."""
LIGHT = 0.95
"""Brightness that is left."""
FADE = 0.15
"""Share of the way from each colour to its gray."""
GRAY = (0.299, 0.587, 0.114)
"""Weights of red, green and blue in brightness (BT.601)."""


def as_film(frames: np.ndarray) -> np.ndarray:
    """Frames darker, paler, and in wide screen between black bars: uint8 (T, H, W, 3)."""
    height, width = frames.shape[1:3]
    bar = round(BAR * height)
    squeezed = [
        np.asarray(Image.fromarray(frame).resize((width, height - 2 * bar), Image.Resampling.BOX))
        for frame in frames
    ]
    colours = np.stack(squeezed).astype(np.float64)
    gray = (colours * GRAY).sum(-1, keepdims=True)
    shown = np.zeros_like(frames)
    shown[:, bar : height - bar] = (LIGHT * (colours + FADE * (gray - colours))).round()
    return shown
