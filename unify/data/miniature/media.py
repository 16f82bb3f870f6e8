"""Frames as files: H.264 in MP4 and its kin, MPEG-4 in AVI, and JPEG."""

import io
from functools import partial

import av
import numpy as np
from av.video.reformatter import VideoReformatter
from PIL import Image

KEYFRAME_INTERVAL = 8
"""Frames between key frames: short, so that random frames are found fast."""
CONTAINERS = {".mov": "mov", ".3gp": "3gp", ".avi": "avi"}
"""Containers by suffix; any other suffix, and none, is MP4."""
AVI_QUALITY = 3
"""Quantiser of MPEG-4, of 1..31: lower is larger and cleaner; about as clean as H.264 at 20."""
LAMBDA = 118
"""FFmpeg's unit of quality per step of the quantiser (FF_QP2LAMBDA)."""
JPEG_QUALITY = 92
"""Of 100; colours are not subsampled."""


def encode_clip(frames: np.ndarray, fps: int, crf: int, suffix: str = ".mp4") -> bytes:
    """Video of uint8 frames (T, H, W, 3), in the container that the suffix of its name tells.

    MPEG-4 in AVI, as corpora of its day have it, else H.264. One thread, and no word of the
    encoder's version in AVI, so the bytes are repeatable.
    """
    container_format = CONTAINERS.get(suffix, "mp4")
    codec, options = _mpeg4() if container_format == "avi" else _h264(crf)
    buffer = io.BytesIO()
    with av.open(buffer, "w", format=container_format) as container:
        stream = container.add_stream(codec, rate=fps, options=options)
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


def _h264(crf: int) -> tuple[str, dict[str, str]]:
    return "libx264", {
        "preset": "ultrafast",
        "crf": str(crf),
        "g": str(KEYFRAME_INTERVAL),
        "threads": "1",
    }


def _mpeg4() -> tuple[str, dict[str, str]]:
    return "mpeg4", {
        "flags": "+qscale",
        "global_quality": str(AVI_QUALITY * LAMBDA),
        "g": str(KEYFRAME_INTERVAL),
        "threads": "1",
    }
