"""Clips as corpora have them, made for a benchmark, and the forms they are prepared in."""

from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
from PIL import Image

from unify.data.example import Clip
from unify.data.prepare.formats import JpegFrames, Mp4

WIDTH, HEIGHT, FPS = 1280, 720, 25
GRAIN = 6.0
"""Standard deviation of the noise on every frame, of 255."""
TRAVEL = 4
"""Pixels that the picture moves from frame to frame."""


@dataclass(frozen=True)
class Store:
    """The same clips in one form."""

    name: str
    clips: list[Clip]

    @property
    def mebibytes(self) -> float:
        """Mean size of a clip's file."""
        return sum(clip.path.stat().st_size for clip in self.clips) / len(self.clips) / 2**20


def make_stores(folder: Path, count: int, seconds: int) -> list[Store]:
    """`count` clips as published, and prepared as H.264 and as JPEG frames."""
    published = [folder / f"{number}.mp4" for number in range(count)]
    for number, path in enumerate(published):
        _film(path, seconds * FPS, np.random.default_rng(number))
    stores = [Store("720p, GOP 250", [Clip(path.stem, path) for path in published])]
    for name, form in (("256, GOP 15", Mp4()), ("256, JPEG", JpegFrames())):
        clips = []
        for path in published:
            copy = path.with_name(f"{path.stem} {name}{form.suffix}")
            copy.write_bytes(form.clip(path))
            clips.append(Clip(path.stem, copy))
        stores.append(Store(name, clips))
    return stores


def _film(path: Path, frames: int, rng: np.random.Generator) -> None:
    """A still that the camera passes over, with grain: H.264, a key frame every 250."""
    room = frames * TRAVEL
    coarse = rng.integers(0, 256, (HEIGHT // 16, (WIDTH + room) // 16, 3), dtype=np.uint8)
    still = np.asarray(Image.fromarray(coarse).resize((WIDTH + room, HEIGHT)), np.int16)
    grain = rng.normal(0, GRAIN, (HEIGHT, WIDTH + 64, 3)).astype(np.int16)
    with av.open(str(path), "w") as file:
        options = {"preset": "superfast", "crf": "23", "g": "250", "bf": "2"}
        stream = file.add_stream("libx264", rate=FPS, options=options)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for number in range(frames):
            left, shift = number * TRAVEL, int(rng.integers(64))
            noise = np.roll(grain, int(rng.integers(HEIGHT)), 0)[:, shift : shift + WIDTH]
            pixels = np.clip(still[:, left : left + WIDTH] + noise, 0, 255).astype(np.uint8)
            file.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        file.mux(stream.encode())
