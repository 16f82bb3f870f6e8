"""A file of each kind that `clip_files` writes, made once and decoded in the plainest way."""

import inspect
from functools import cache
from pathlib import Path

import av
import clip_files
import numpy as np
import pytest

from unify.data.decoding import check_decoder

SUFFIXES = {
    "mpeg4": ".avi",
    "h264_in_avi": ".avi",
    "h264_in_avi_out_of_order": ".avi",
    "wmv": ".wmv",
    "matroska": ".mkv",
    "without_times": ".h264",
    "mpeg2": ".mpg",
    "vp8": ".webm",
    "vp9": ".webm",
    "quicktime": ".mov",
}
KINDS = [
    name
    for name, made in inspect.getmembers(clip_files, inspect.isfunction)
    if list(inspect.signature(made).parameters) == ["rng", "path"]
]


@cache
def installed(decoder: str) -> str:
    """Why a decoder cannot be used; empty where it can."""
    try:
        check_decoder(decoder)
    except ValueError as reason:
        return str(reason)
    return ""


def clip_of(kind: str, folder: Path, seed: int) -> Path:
    """A file of a kind; its own for each kind and made once."""
    path = folder / kind / f"clip{SUFFIXES.get(kind, '.mp4')}"
    if not path.exists():
        path.parent.mkdir()
        try:
            getattr(clip_files, kind)(np.random.default_rng(seed), path)
        except av.codec.codec.UnknownCodecError as error:
            pytest.skip(f"PyAV has no encoder for it: {error}")
    return path


def truth(path: Path) -> np.ndarray:
    """All frames in the plainest way, turned as the file says: int (N, H, W, 3)."""
    with av.open(str(path)) as container:
        frames = list(container.decode(video=0))
    pixels = np.stack([frame.to_ndarray(format="rgb24") for frame in frames]).astype(int)
    return np.rot90(pixels, frames[0].rotation // 90, (1, 2))
