"""Frames from files: videos by decord or PyAV, images by Pillow."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, partial
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from unify.data.example import Example

SEQUENTIAL = {".avi"}
"""Containers in which decord's seeking returns wrong frames: they are decoded from the start."""

Decoder = Literal["decord", "av"]

Choose = Callable[[int], list[int]]
"""From a clip's number of frames to the frames wanted, in any order, repeats allowed."""


class UnreadableClip(ValueError):
    """A clip or image that cannot be decoded."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(path, why)
        self.path = path
        self.why = why

    def __str__(self) -> str:
        return (
            f"{self.path} cannot be decoded: {self.why}; download it again, take it out of the "
            "corpus, or set data.max_unreadable_share above 0 to have such clips replaced"
        )


def read_example(example: Example, choose: Choose, decoder: Decoder = "decord") -> Tensor:
    """The chosen frames of a clip, or an image as a clip of one frame: uint8 (T, 3, H, W).

    Raises UnreadableClip where the file is missing, empty, damaged or of another kind.
    """
    if example.is_image:
        return read_image(example.path)
    return read_video(example.path, choose, decoder)


def read_video(path: Path, choose: Choose, decoder: Decoder = "decord") -> Tensor:
    """The chosen frames: uint8 (T, 3, H, W), channels last in memory. Raises UnreadableClip.

    PyAV takes decord's place for containers that decord seeks wrongly in, and where decord has no
    wheel.
    """
    seeks = path.suffix.lower() not in SEQUENTIAL and _has_decord()
    with _telling(path):
        read = read_by_decord if decoder == "decord" and seeks else read_by_av
        return torch.from_numpy(read(path, choose)).permute(0, 3, 1, 2)


def read_image(path: Path) -> Tensor:
    """An image as a clip of one frame: uint8 (1, 3, H, W). Raises UnreadableClip."""
    with _telling(path), Image.open(path) as image:
        frame = np.array(image.convert("RGB"))
        return torch.from_numpy(frame).permute(2, 0, 1)[None]


def read_by_decord(path: Path, choose: Choose) -> np.ndarray:
    """Frames by decord: uint8 (T, H, W, 3).

    One thread, one batch of rising frame numbers, and a reader that lives no longer: otherwise
    decord hangs in forked processes (threads) and keeps decoding in the background (memory).
    """
    import decord

    reader = decord.VideoReader(str(path), num_threads=1)
    numbers, places = np.unique(choose(len(reader)), return_inverse=True)
    return reader.get_batch(numbers.tolist()).asnumpy()[places]


def read_by_av(path: Path, choose: Choose) -> np.ndarray:
    """Frames by PyAV, which decodes the whole clip on one thread: exact. uint8 (T, H, W, 3)."""
    import av
    from av.video.reformatter import VideoReformatter

    with av.open(str(path)) as container:
        if not container.streams.video:
            raise ValueError("it has no video stream")
        container.streams.video[0].thread_count = 1
        frames = list(container.decode(video=0))
    if not frames:
        raise ValueError("it has no frames")
    convert = partial(VideoReformatter().reformat, format="rgb24", threads=1)
    return np.stack([convert(frames[number]).to_ndarray() for number in choose(len(frames))])


@contextmanager
def _telling(path: Path) -> Iterator[None]:
    """Turn whatever a file's decoder raises into UnreadableClip."""
    if not path.is_file():
        raise UnreadableClip(path, "there is no such file")
    if not path.stat().st_size:
        raise UnreadableClip(path, "the file is empty")
    try:
        yield
    # Decoders raise what they like, from OSError to their own types; all mean the same here.
    except Exception as error:
        raise UnreadableClip(path, _in_short(error)) from error


@cache
def _has_decord() -> bool:
    return find_spec("decord") is not None


def _in_short(error: Exception) -> str:
    text = getattr(error, "strerror", None) or str(error).strip()
    first = text.splitlines()[0] if text else type(error).__name__
    return re.sub(r"^\[[\d:]+\] \S+:\d+: ", "", first)  # where in decord's source it was raised
