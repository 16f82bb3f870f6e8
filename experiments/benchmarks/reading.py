"""Clips a second that one process reads, through the loader's code and by bare calls."""

import io
import tarfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from PIL import Image

from experiments.benchmarks.clip_store import Store
from unify.data.decoding import Choose, Decoder, check_decoder, read_example
from unify.data.example import Clip
from unify.data.sampling import train_indices
from unify.data.transforms import TrainTransform

FRAMES, SIDE, CROP = 4, 224, (0.5, 1.0)
"""As in training: frames a clip, pixels, the crop's share of the area."""
FEWEST_ROUNDS = 3

Read = Callable[[Clip, np.random.Generator], object]
"""Reads some frames of a clip."""


@dataclass(frozen=True)
class Rate:
    """One decoder on one store: clips a second."""

    store: str
    decoder: str
    mebibytes: float
    loader: float
    """By the loader's code: checked, decoded, as a tensor."""
    bare: float
    """By nothing but the decoder's own calls, for the same frames."""
    cropped: float
    """By the loader's code, with training's random crop."""

    @property
    def ratio(self) -> float:
        """The loader beside the bare calls."""
        return self.loader / self.bare


def measure(store: Store, decoder: str, seconds: float) -> Rate:
    """All three in turn, clip by clip, over and over for some seconds: the fastest of each counts.

    In turn, so that whatever else this machine does falls on all of them alike.
    """
    bare = BARE[decoder]
    ways = (partial(_loader, decoder), bare, partial(_cropped, decoder))
    best = np.full((len(ways), len(store.clips)), np.inf)
    stop, rounds = time.perf_counter() + seconds, 0
    while rounds < FEWEST_ROUNDS or time.perf_counter() < stop:
        for (way, clip), _ in np.ndenumerate(best):
            took = _timed(ways[way], store.clips[clip], np.random.default_rng(clip))
            best[way, clip] = min(best[way, clip], took)
        rounds += 1
    return Rate(store.name, decoder, store.mebibytes, *(1 / best.mean(axis=1)))


def decoders(store: Store) -> list[str]:
    """What can read a store here; Pillow where it holds JPEG frames."""
    if store.clips[0].path.suffix == ".tar":
        return ["Pillow"]
    return [name for name in ("decord", "torchcodec", "av") if _is_here(name)]


def _is_here(decoder: Decoder) -> bool:
    try:
        check_decoder(decoder)
    except ValueError:
        return False
    return find_spec(decoder) is not None


def _timed(read: Read, clip: Clip, rng: np.random.Generator) -> float:
    start = time.perf_counter()
    read(clip, rng)
    return time.perf_counter() - start


def _choose(rng: np.random.Generator) -> Choose:
    return partial(train_indices, num_frames=FRAMES, rng=rng)


def _loader(decoder: str, clip: Clip, rng: np.random.Generator) -> object:
    return read_example(clip, _choose(rng), decoder)


def _cropped(decoder: str, clip: Clip, rng: np.random.Generator) -> object:
    transform = TrainTransform(size=SIDE, scale=CROP, flip=True)
    return transform(read_example(clip, _choose(rng), decoder), rng)


def _bare_decord(clip: Clip, rng: np.random.Generator) -> object:
    import decord

    reader = decord.VideoReader(str(clip.path), num_threads=1)
    return reader.get_batch(_choose(rng)(len(reader))).asnumpy()


def _bare_torchcodec(clip: Clip, rng: np.random.Generator) -> object:
    from torchcodec.decoders import VideoDecoder

    reader = VideoDecoder(str(clip.path), num_ffmpeg_threads=1, dimension_order="NHWC")
    return reader.get_frames_at(_choose(rng)(len(reader))).data


def _bare_av(clip: Clip, rng: np.random.Generator) -> object:
    import av

    with av.open(str(clip.path)) as container:
        container.streams.video[0].thread_count = 1
        frames = list(container.decode(video=0))
    return [frames[k].to_ndarray(format="rgb24") for k in _choose(rng)(len(frames))]


def _bare_pillow(clip: Clip, rng: np.random.Generator) -> object:
    jpegs = _jpegs(clip.path)
    return [np.array(Image.open(io.BytesIO(jpegs[k]))) for k in _choose(rng)(len(jpegs))]


def _jpegs(path: Path) -> list[bytes]:
    with tarfile.open(path) as archive:
        return [archive.extractfile(member).read() for member in archive]


BARE: dict[str, Read] = {
    "decord": _bare_decord,
    "torchcodec": _bare_torchcodec,
    "av": _bare_av,
    "Pillow": _bare_pillow,
}
