"""Frames from files: videos by decord or PyAV, images by Pillow."""

import io
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, partial
from importlib.util import find_spec
from itertools import chain, takewhile
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from unify.data import stored_frames
from unify.data.example import Clip, Member

if TYPE_CHECKING:
    from av import VideoFrame

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


def read_example(clip: Clip, choose: Choose, decoder: Decoder = "decord") -> Tensor:
    """The chosen frames of a clip, or an image as a clip of one frame: uint8 (T, 3, H, W).

    Of a clip with `seconds` only the frames before that time count. Raises UnreadableClip where the
    file is missing, empty, damaged or of another kind.
    """
    with _telling(clip.path, clip.place):
        source = clip.path if clip.member is None else _part(clip.path, clip.member)
        if clip.is_image:
            return _image(source)
        if clip.place.suffix == stored_frames.SUFFIX:
            return _channels_first(stored_frames.read_frames(source, choose))
        return _video(source, clip.place.suffix, choose, decoder, clip.seconds)


def read_video(path: Path, choose: Choose, decoder: Decoder = "decord") -> Tensor:
    """The chosen frames: uint8 (T, 3, H, W), channels last in memory. Raises UnreadableClip.

    PyAV takes decord's place for containers that decord seeks wrongly in, and where decord has no
    wheel.
    """
    return read_example(Clip("", path), choose, decoder)


def read_image(path: Path) -> Tensor:
    """An image as a clip of one frame: uint8 (1, 3, H, W). Raises UnreadableClip."""
    return read_example(Clip("", path, is_image=True), lambda length: [0])


def read_by_decord(
    source: Path | io.BytesIO, choose: Choose, seconds: float | None = None
) -> np.ndarray:
    """Frames by decord: uint8 (T, H, W, 3).

    One thread, one batch of rising frame numbers, and a reader that lives no longer: otherwise
    decord hangs in forked processes (threads) and keeps decoding in the background (memory).
    """
    import decord

    reader = decord.VideoReader(_named(source), num_threads=1)
    length = len(reader)
    if seconds is not None and length:
        starts = reader.get_frame_timestamp(list(range(length)))[:, 0]
        length = int((starts - starts[0] < seconds).sum())
    numbers, places = np.unique(choose(length), return_inverse=True)
    return reader.get_batch(numbers.tolist()).asnumpy()[places]


def read_by_av(
    source: Path | io.BytesIO, choose: Choose, seconds: float | None = None
) -> np.ndarray:
    """Frames by PyAV, which decodes from the start on one thread: exact. uint8 (T, H, W, 3)."""
    import av
    from av.video.reformatter import VideoReformatter

    with av.open(_named(source)) as container:
        if not container.streams.video:
            raise ValueError("it has no video stream")
        container.streams.video[0].thread_count = 1
        frames = list(_first_seconds(container.decode(video=0), seconds))
    if not frames:
        raise ValueError("it has no frames")
    convert = partial(VideoReformatter().reformat, format="rgb24", threads=1)
    return np.stack([convert(frames[number]).to_ndarray() for number in choose(len(frames))])


def _first_seconds(frames: Iterator["VideoFrame"], seconds: float | None) -> Iterator["VideoFrame"]:
    """Frames before that time, counted from the first; what comes later is not decoded."""
    if seconds is None:
        return frames
    first = next(frames, None)
    if first is None:
        return frames
    start = first.time or 0.0
    return chain([first], takewhile(lambda frame: (frame.time or 0.0) - start < seconds, frames))


def _video(
    source: Path | io.BytesIO,
    suffix: str,
    choose: Choose,
    decoder: Decoder,
    seconds: float | None,
) -> Tensor:
    seeks = suffix.lower() not in SEQUENTIAL and _has_decord()
    read = read_by_decord if decoder == "decord" and seeks else read_by_av
    return _channels_first(read(source, choose, seconds))


def _channels_first(frames: np.ndarray) -> Tensor:
    return torch.from_numpy(frames).permute(0, 3, 1, 2)


def _image(source: Path | io.BytesIO) -> Tensor:
    with Image.open(source) as image:
        frame = np.array(image.convert("RGB"))
    return torch.from_numpy(frame).permute(2, 0, 1)[None]


def _part(path: Path, member: Member) -> io.BytesIO:
    """The bytes of a file within a tar file."""
    with path.open("rb") as file:
        file.seek(member.start)
        content = file.read(member.size)
    if len(content) < member.size:
        raise ValueError("the tar file is cut short")
    return io.BytesIO(content)


def _named(source: Path | io.BytesIO) -> str | io.BytesIO:
    """As decoders take it: a file's name, or bytes."""
    return str(source) if isinstance(source, Path) else source


@contextmanager
def _telling(path: Path, place: Path) -> Iterator[None]:
    """Turn whatever a file's decoder raises into UnreadableClip; `place` is what users call it."""
    if not path.is_file():
        raise UnreadableClip(place, "there is no such file")
    if not path.stat().st_size:
        raise UnreadableClip(place, "the file is empty")
    try:
        yield
    # Decoders raise what they like, from OSError to their own types; all mean the same here.
    except Exception as error:
        raise UnreadableClip(place, _in_short(error)) from error


@cache
def _has_decord() -> bool:
    return find_spec("decord") is not None


def _in_short(error: Exception) -> str:
    text = getattr(error, "strerror", None) or str(error).strip()
    first = text.splitlines()[0] if text else type(error).__name__
    return re.sub(r"^\[[\d:]+\] \S+:\d+: ", "", first)  # where in decord's source it was raised
