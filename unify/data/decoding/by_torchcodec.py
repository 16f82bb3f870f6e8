"""Frames by torchcodec, which seeks and needs FFmpeg's libraries on the machine."""

from functools import cache
from importlib.util import find_spec

import numpy as np

from unify.data.decoding.seeking import FrameIndex
from unify.data.decoding.sources import Choose, Source, named

INSTALL = (
    "install torchcodec in the version for your PyTorch (pip install torchcodec) and FFmpeg's "
    "shared libraries (version 4 or newer), or set data.decoder to decord or av"
)


@cache
def is_installed() -> bool:
    """Whether torchcodec is here, with or without FFmpeg."""
    return find_spec("torchcodec") is not None


@cache
def require() -> None:
    """ValueError, in one line, where torchcodec or the FFmpeg that it needs is not installed."""
    if not is_installed():
        raise ValueError(f"data.decoder=torchcodec: torchcodec is not installed; {INSTALL}")
    try:
        from torchcodec.decoders import VideoDecoder

        VideoDecoder(b"no video")
    except Exception as error:  # of which type differs between versions
        if "Could not load libtorchcodec" in str(error):
            raise ValueError(
                f"data.decoder=torchcodec: it finds no FFmpeg or another PyTorch; {INSTALL}"
            ) from None


def read(
    source: Source, choose: Choose, index: FrameIndex, seconds: float | None = None
) -> np.ndarray:
    """Frames of a file with an exact index: uint8 (T, H, W, 3); one thread."""
    from torchcodec.decoders import VideoDecoder

    decoder = VideoDecoder(
        named(source),
        dimension_order="NHWC",
        num_ffmpeg_threads=1,
        device="cpu",
        seek_mode="exact",
    )
    index.confirm(len(decoder))
    return decoder.get_frames_at(choose(index.length(seconds))).data.numpy()
