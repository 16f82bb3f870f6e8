"""Clips as cameras and old tools leave them: other containers, codecs, times, turned pictures."""

import struct
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from PIL import Image

QUARTER = (0, 1, -1, 0)
"""The display matrix that turns a picture by a quarter clockwise."""
BITS = 8
"""Bands of a picture: 256 have numbers of their own."""
NEAR = 6
"""Mean difference, of 255, of what shows the same; one other band makes it 10."""


def scene(rng: np.random.Generator, frames: int, height: int = 48, width: int = 64) -> np.ndarray:
    """Coloured pictures, each with its number in dark and light bands: uint8 (T, H, W, 3)."""
    y, x = np.mgrid[:height, :width]
    base = np.stack([x / width, y / height, (x + y) / (width + height)], -1)
    pictures = (rng.uniform(60, 120, 3) + 75 * base)[None].repeat(frames, 0)
    bits = np.arange(frames)[:, None] >> (x[0] * BITS // width) & 1
    pictures[:, : height // 2] = (40 + 170 * bits)[:, None, :, None]
    return pictures.astype(np.uint8)


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


def turn(path: Path, matrix: tuple[int, int, int, int] = QUARTER) -> Path:
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


def alike(a: np.ndarray, b: np.ndarray) -> bool:
    """Whether two frames show the same, whatever their size."""
    small = [np.asarray(Image.fromarray(x).resize((32, 24)), int) for x in (a, b)]
    return abs(small[0] - small[1]).mean() < NEAR


def all_of(length: int) -> list[int]:
    return list(range(length))
