"""Frames from files: videos by the decoder that a config names, images by Pillow."""

from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from PIL import Image

from unify.data import stored_frames
from unify.data.decoding import by_av, by_decord, by_torchcodec
from unify.data.decoding.errors import UnreadableClip, telling
from unify.data.decoding.seeking import exact_index
from unify.data.decoding.sources import Choose, Source, bytes_of, part
from unify.data.example import Clip

if TYPE_CHECKING:
    from torch import Tensor

Decoder = Literal["decord", "torchcodec", "av"]

SEEKING = {"decord": by_decord, "torchcodec": by_torchcodec}
"""Decoders that seek; PyAV takes their place where that may go wrong."""


def read_example(clip: Clip, choose: Choose, decoder: Decoder = "decord") -> "Tensor":
    """The chosen frames of a clip, or an image as a clip of one frame: uint8 (T, 3, H, W).

    Frames are as displayed: turned where the file says so. Of a clip with `seconds` only the frames
    before that time count. Raises UnreadableClip where the file is missing, empty, damaged, cut
    short or of another kind.
    """
    import torch  # late: looking at clips needs none

    return torch.from_numpy(_read(clip, choose, decoder)).permute(0, 3, 1, 2)


def read_video(path: Path, choose: Choose, decoder: Decoder = "decord") -> "Tensor":
    """The chosen frames: uint8 (T, 3, H, W), channels last in memory. Raises UnreadableClip.

    PyAV takes the others' place where seeking could give wrong frames, and decord's where it has
    no wheel.
    """
    return read_example(Clip("", path), choose, decoder)


def read_image(path: Path) -> "Tensor":
    """An image as a clip of one frame: uint8 (1, 3, H, W). Raises UnreadableClip."""
    return read_example(Clip("", path, is_image=True), lambda length: [0])


def why_unreadable(clip: Clip) -> str:
    """Why its first, middle or last frame cannot be decoded; empty where all can. No torch."""
    try:
        _read(clip, lambda length: [0, length // 2, length - 1], "decord")
    except UnreadableClip as error:
        return error.why
    return ""


def check_decoder(decoder: Decoder) -> None:
    """ValueError where a decoder that has no stand-in is not installed."""
    if decoder == "torchcodec":
        by_torchcodec.require()


def _read(clip: Clip, choose: Choose, decoder: Decoder) -> np.ndarray:
    """The chosen frames, uint8 (T, H, W, 3)."""
    with telling(clip.path, clip.place):
        source = clip.path if clip.member is None else part(clip.path, clip.member)
        if clip.is_image:
            return _image(source)
        if clip.place.suffix == stored_frames.SUFFIX:
            return stored_frames.read_frames(source, choose)
        return _video(source, choose, decoder, clip.seconds)


def _video(source: Source, choose: Choose, decoder: Decoder, seconds: float | None) -> np.ndarray:
    seeking = SEEKING.get(decoder)
    index = None
    if seeking is not None and seeking.is_installed():
        with bytes_of(source) as file:
            index = exact_index(file)
    if index is None:
        return by_av.read(source, choose, seconds)
    return seeking.read(source, choose, index, seconds)


def _image(source: Source) -> np.ndarray:
    with Image.open(source) as image:
        return np.array(image.convert("RGB"))[None]
