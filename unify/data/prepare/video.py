"""A clip decoded from its start, frame by frame, in the size that is kept."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.video.reformatter import ColorRange, Interpolation, VideoReformatter

USUAL_RATE = 25
"""Frames a second where a file does not say."""


@dataclass(frozen=True)
class Video:
    """An opened clip."""

    stream: av.VideoStream
    seconds: float | None
    """Only the first so many count; None: all."""

    @property
    def time_base(self) -> Fraction:
        """Seconds of a tick."""
        return self.stream.time_base

    @property
    def rate(self) -> Fraction:
        """Frames a second, on average."""
        return self.stream.average_rate or Fraction(USUAL_RATE)

    def __iter__(self) -> Iterator[tuple[int, av.VideoFrame]]:
        """Frames in order, each with its time in ticks: from 0, rising, whatever the file says."""
        step = max(1, round(1 / (self.rate * self.time_base)))
        first, last = None, -1
        for frame in self.stream.container.decode(self.stream):
            time = last + step if frame.pts is None else frame.pts - (first or 0)
            if first is None:
                first, time = frame.pts or 0, 0
            last = max(time, last + 1)
            if self.seconds is not None and last * self.time_base >= self.seconds:
                return
            yield last, frame


@contextmanager
def opened(source: Path | io.BytesIO, seconds: float | None = None) -> Iterator[Video]:
    """Raises ValueError for a file without a video stream, and what PyAV raises."""
    if isinstance(source, io.BytesIO):
        source.seek(0)
    with av.open(str(source) if isinstance(source, Path) else source) as container:
        if not container.streams.video:
            raise ValueError("it has no video stream")
        stream = container.streams.video[0]
        stream.thread_count = 1
        yield Video(stream, seconds)


class Shrinker:
    """Makes frames small, upright and alike in size."""

    def __init__(self, side: int) -> None:
        self.side = side
        self.size: tuple[int, int] | None = None
        """Width and height before turning: the first frame's, shrunk."""
        self._shrink = VideoReformatter().reformat
        self._recode = VideoReformatter().reformat

    def yuv(self, frame: av.VideoFrame) -> av.VideoFrame:
        """As yuv420p in studio range; colours are encoded as they were."""
        if not frame.rotation:
            return self._resized(frame, "yuv420p")
        turned = av.VideoFrame.from_ndarray(self.rgb(frame), format="rgb24")
        return self._recode(
            turned,
            format="yuv420p",
            dst_colorspace=frame.colorspace,
            dst_color_range=ColorRange.MPEG,
            threads=1,
        )

    def rgb(self, frame: av.VideoFrame) -> np.ndarray:
        """As uint8 (H, W, 3)."""
        pixels = self._resized(frame, "rgb24").to_ndarray()
        return np.ascontiguousarray(np.rot90(pixels, round(frame.rotation / 90)))

    def _resized(self, frame: av.VideoFrame, form: str) -> av.VideoFrame:
        if self.size is None:
            self.size = shrunk(frame.width, frame.height, self.side)
        width, height = self.size
        return self._shrink(
            frame,
            width,
            height,
            form,
            src_color_range=frame.color_range,
            dst_color_range=ColorRange.JPEG if form == "rgb24" else ColorRange.MPEG,
            interpolation=Interpolation.BICUBIC,
            threads=1,
        )


def shrunk(width: int, height: int, side: int) -> tuple[int, int]:
    """Width and height with this shorter side, even as H.264 needs them; never enlarged."""
    scale = min(1.0, side / min(width, height))
    return tuple(max(2, int(length * scale) // 2 * 2) for length in (width, height))
