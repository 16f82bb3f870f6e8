"""Clips as cameras and old tools leave them: other containers, codecs, times, turned pictures."""

import struct
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

UPRIGHT, LEFT = (1, 0, 0, 1), (0, 1, -1, 0)
"""Display matrices: as it is; to be turned by a quarter clockwise."""


def scene(rng: np.random.Generator, frames: int, height: int = 48, width: int = 64) -> np.ndarray:
    """Smooth pictures in motion, no two alike: uint8 (T, H, W, 3)."""
    y, x = np.mgrid[:height, :width]
    base = np.stack([x / width, y / height, (x + y) / (width + height)], -1)
    ends = rng.uniform(30, 220, (2, 3))
    parts = np.linspace(0, 1, frames)[:, None, None, None]
    light = ends[0] * (1 - parts) + ends[1] * parts
    return (0.7 * light + 75 * base).clip(0, 255).astype(np.uint8)


def film(
    path: Path,
    frames: np.ndarray,
    *,
    codec: str = "libx264",
    pixels: str = "yuv420p",
    fps: int = 10,
    milliseconds: list[int] | None = None,
    sound: bool = False,
    **options: str,
) -> Path:
    """Write a clip; `milliseconds`: time of each frame, where they are not even."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=fps, options={**options, "threads": "1"})
        stream.height, stream.width, stream.pix_fmt = *frames.shape[1:3], pixels
        if milliseconds:
            stream.codec_context.time_base = Fraction(1, 1000)
        audio = container.add_stream("aac", rate=16000, layout="mono") if sound else None
        for number, frame in enumerate(frames):
            picture = av.VideoFrame.from_ndarray(frame, format="rgb24")
            if milliseconds:
                picture.pts, picture.time_base = milliseconds[number], Fraction(1, 1000)
            container.mux(stream.encode(picture))
        container.mux(stream.encode())
        if audio:
            tone = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), "fltp", "mono")
            tone.sample_rate = 16000
            container.mux([*audio.encode(tone), *audio.encode()])
    return path


def turn(path: Path, matrix: tuple[int, int, int, int] = LEFT) -> Path:
    """Give an mp4 a display matrix, as a telephone held upright does."""
    content = bytearray(path.read_bytes())
    at = content.index(b"tkhd") + 44
    a, b, c, d = (value << 16 for value in matrix)
    content[at : at + 36] = struct.pack(">9i", a, b, 0, c, d, 0, 0, 0, 1 << 30)
    path.write_bytes(content)
    return path


def shown(source: Path) -> list[tuple[float, np.ndarray]]:
    """Every frame of a clip, decoded in turn, and its seconds from the first."""
    with av.open(str(source)) as container:
        frames = [(f.time, f.to_ndarray(format="rgb24")) for f in container.decode(video=0)]
    return [(time - frames[0][0], frame) for time, frame in frames]
