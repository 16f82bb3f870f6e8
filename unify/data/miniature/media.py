"""Frames as files: H.264 in MP4, and JPEG."""

import io
from functools import partial

import av
import numpy as np
from av.video.reformatter import VideoReformatter
from PIL import Image

KEYFRAME_INTERVAL = 8
"""Frames between key frames: short, so that random frames are found fast."""
JPEG_QUALITY = 92
"""Of 100; colours are not subsampled."""


def encode_clip(frames: np.ndarray, fps: int, crf: int) -> bytes:
    """H.264 video in MP4 of uint8 frames (T, H, W, 3); one thread, so the bytes are repeatable."""
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="mp4") as container:
        options = {
            "preset": "ultrafast",
            "crf": str(crf),
            "g": str(KEYFRAME_INTERVAL),
            "threads": "1",
        }
        stream = container.add_stream("libx264", rate=fps, options=options)
        stream.height, stream.width = frames.shape[1:3]
        stream.pix_fmt = "yuv420p"
        convert = partial(VideoReformatter().reformat, format="yuv420p", threads=1)
        for frame in frames:
            picture = convert(av.VideoFrame.from_ndarray(frame, format="rgb24"))
            container.mux(stream.encode(picture))
        container.mux(stream.encode())
    return buffer.getvalue()


def encode_image(frame: np.ndarray) -> bytes:
    """JPEG of one uint8 frame (H, W, 3)."""
    buffer = io.BytesIO()
    Image.fromarray(frame).save(buffer, "JPEG", quality=JPEG_QUALITY, subsampling=0)
    return buffer.getvalue()
