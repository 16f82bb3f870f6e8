"""A clip decoded from its start, frame by frame."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from unify.data.decoding.sources import Source, bytes_of, named
from unify.data.decoding.whole import check_whole

if TYPE_CHECKING:
    from av import VideoFrame, VideoStream

USUAL_RATE = 25
"""Frames a second where a file does not say."""


@dataclass(frozen=True)
class Video:
    """An opened clip."""

    stream: "VideoStream"
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

    def __iter__(self) -> Iterator[tuple[int, "VideoFrame"]]:
        """Frames in order, each with its time in ticks: from 0, rising, whatever the file says.

        Raises ValueError where the file turns out to be cut short or damaged.
        """
        step = max(1, round(1 / (self.rate * self.time_base)))
        start, time = 0, None
        for told, frame in self._decoded():
            if time is None:
                start, time = told or 0, 0
            else:
                time = time + step if told is None else max(told - start, time + 1)
            if self.seconds is not None and time * self.time_base >= self.seconds:
                return
            yield time, frame

    def _decoded(self) -> Iterator[tuple[int | None, "VideoFrame"]]:
        """Frames and when the file shows them, where it says so."""
        # AVI has times of decoding alone; those of showing that FFmpeg guesses may be wrong.
        only_decoding = self.stream.container.format.name == "avi"
        for packet in self.stream.container.demux(self.stream):
            if packet.is_corrupt:
                raise ValueError("the file is cut short or damaged")
            for frame in packet.decode():
                yield frame.dts if only_decoding else frame.pts, frame


@contextmanager
def opened(source: Source, seconds: float | None = None) -> Iterator[Video]:
    """A clip, to be decoded by one thread.

    Raises ValueError for a file that is cut short or has no video stream, and what PyAV raises.
    """
    import av

    with bytes_of(source) as file:
        check_whole(file)
    with av.open(named(source)) as container:
        stream = container.streams.best("video")
        if stream is None:
            raise ValueError("it has no video stream")
        stream.thread_count = 1
        yield Video(stream, seconds)
