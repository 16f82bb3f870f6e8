"""Frames in the size that is kept."""

import av
import numpy as np
from av.video.reformatter import ColorRange, Interpolation, VideoReformatter


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
