"""Frames from files: videos by the decoder that a config names, images by Pillow."""

from contextlib import nullcontext
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from unify.data import stored_frames
from unify.data.decoding import by_av, by_decord, by_torchcodec
from unify.data.decoding.errors import telling
from unify.data.decoding.seeking import FrameIndex, check_whole, exact_index
from unify.data.decoding.sources import Choose, Source, part
from unify.data.example import Clip

Decoder = Literal["decord", "torchcodec", "av"]

SEEKING = {"decord": by_decord, "torchcodec": by_torchcodec}
"""Decoders that seek; PyAV takes their place where that may go wrong."""


def read_example(clip: Clip, choose: Choose, decoder: Decoder = "decord") -> Tensor:
    """The chosen frames of a clip, or an image as a clip of one frame: uint8 (T, 3, H, W).

    Frames are as displayed: turned where the file says so. Of a clip with `seconds` only the frames
    before that time count. Raises UnreadableClip where the file is missing, empty, damaged, cut
    short or of another kind.
    """
    with telling(clip.path, clip.place):
        source = clip.path if clip.member is None else part(clip.path, clip.member)
        if clip.is_image:
            return _image(source)
        if clip.place.suffix == stored_frames.SUFFIX:
            return _channels_first(stored_frames.read_frames(source, choose))
        return _video(source, choose, decoder, clip.seconds)


def read_video(path: Path, choose: Choose, decoder: Decoder = "decord") -> Tensor:
    """The chosen frames: uint8 (T, 3, H, W), channels last in memory. Raises UnreadableClip.

    PyAV takes the others' place where seeking could give wrong frames, and decord's where it has
    no wheel.
    """
    return read_example(Clip("", path), choose, decoder)


def read_image(path: Path) -> Tensor:
    """An image as a clip of one frame: uint8 (1, 3, H, W). Raises UnreadableClip."""
    return read_example(Clip("", path, is_image=True), lambda length: [0])


def check_decoder(decoder: Decoder) -> None:
    """ValueError where a decoder that has no stand-in is not installed."""
    if decoder == "torchcodec":
        by_torchcodec.require()


def _video(source: Source, choose: Choose, decoder: Decoder, seconds: float | None) -> Tensor:
    seeking = SEEKING.get(decoder)
    index = _index(source, wanted=seeking is not None and seeking.is_installed())
    if index is None:
        frames = by_av.read(source, choose, seconds)
    else:
        frames = seeking.read(source, choose, index, seconds)
    return _channels_first(frames)


def _index(source: Source, wanted: bool) -> FrameIndex | None:
    """The index for seeking, if it is `wanted` and exact; ValueError for a file cut short."""
    with source.open("rb") if isinstance(source, Path) else nullcontext(source) as file:
        check_whole(file)
        return exact_index(file) if wanted else None


def _channels_first(frames: np.ndarray) -> Tensor:
    return torch.from_numpy(frames).permute(0, 3, 1, 2)


def _image(source: Source) -> Tensor:
    with Image.open(source) as image:
        frame = np.array(image.convert("RGB"))
    return torch.from_numpy(frame).permute(2, 0, 1)[None]
