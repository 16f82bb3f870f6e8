"""Small animated pictures of clips, for the report."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
from PIL import Image

from unify.data.decoding import Decoder, read_example
from unify.data.example import Example
from unify.data.sampling import eval_indices
from unify.files import preview_name

FRAMES = 8
"""Frames of a preview, at interval mid-points of its clip."""
SIDE = 96
"""Longest side in pixels."""
MILLISECONDS = 250
"""How long each frame is shown."""


def write_previews(clips: Iterable[Example], folder: Path, decoder: Decoder) -> None:
    """Write `folder/<key>.webp` for every clip, as `preview_name` says."""
    folder.mkdir(exist_ok=True)
    for clip in clips:
        _write(clip, folder / preview_name(clip.key), decoder)


def _write(clip: Example, path: Path, decoder: Decoder) -> None:
    frames = read_example(clip, lambda total: eval_indices(total, FRAMES), decoder)
    pictures = [_picture(frame.permute(1, 2, 0).numpy()) for frame in frames]
    first, *others = pictures
    first.save(path, save_all=True, append_images=others, duration=MILLISECONDS, loop=0, quality=60)


def _picture(frame: np.ndarray) -> Image.Image:
    picture = Image.fromarray(frame)
    picture.thumbnail((SIDE, SIDE))
    return picture
