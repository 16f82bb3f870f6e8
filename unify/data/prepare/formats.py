"""What clips and images become."""

import io
from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar

import av
from av.video.frame import PictureType
from PIL import Image

from unify.data.decoding.in_order import Video, opened
from unify.data.decoding.sources import Source
from unify.data.prepare.shrinker import Shrinker
from unify.data.stored_frames import SUFFIX, pack_frames

PRESET = "veryfast"
"""Of x264; slower ones make smaller files of the same look."""
JPEG_QUALITY = 90
FEWEST_FRAMES = 16
"""No clip is thinned out to less: the intervals of a short one must hold some to choose from."""


@dataclass(frozen=True, kw_only=True)
class Mp4:
    """H.264 video in mp4 with all frames at their times, without sound."""

    suffix: ClassVar[str] = ".mp4"
    side: int = 256
    """Shorter side in pixels; smaller clips keep theirs."""
    gop: int = 15
    """Most frames from one key frame to the next: what must be decoded to get at one frame."""
    crf: int = 20
    """Of x264: 0 is lossless, 51 worst; 6 more halve the file."""

    def clip(self, source: Source, seconds: float | None = None) -> bytes:
        """A video's file. Raises ValueError and what PyAV raises where it cannot be decoded."""
        buffer = io.BytesIO()
        with opened(source, seconds) as video, av.open(buffer, "w", format="mp4") as container:
            self._encode(video, container)
        return buffer.getvalue()

    def _encode(self, video: Video, container: av.container.OutputContainer) -> None:
        shrinker, stream = Shrinker(self.side), None
        for time, frame in video:
            picture = shrinker.yuv(frame)
            if stream is None:
                stream = self._stream(video, container, picture)
            picture.pts, picture.time_base = time, video.time_base
            picture.pict_type = PictureType.NONE  # else the original's key frames are kept
            container.mux(stream.encode(picture))
        if stream is None:
            raise ValueError("it has no frames")
        container.mux(stream.encode())

    def _stream(
        self, video: Video, container: av.container.OutputContainer, picture: av.VideoFrame
    ) -> av.VideoStream:
        # Without B-frames times of decoding are those of showing: no reader can mix them up.
        options = {"preset": PRESET, "crf": str(self.crf), "g": str(self.gop), "bf": "0"}
        stream = container.add_stream(
            "libx264", rate=video.rate, options={**options, "threads": "1"}
        )
        stream.width, stream.height, stream.pix_fmt = picture.width, picture.height, "yuv420p"
        codec, told = stream.codec_context, video.stream.codec_context
        codec.time_base = video.time_base
        codec.colorspace, codec.color_primaries = told.colorspace, told.color_primaries
        codec.color_trc = told.color_trc
        return stream


@dataclass(frozen=True, kw_only=True)
class JpegFrames:
    """JPEG frames at even distances."""

    suffix: ClassVar[str] = SUFFIX
    side: int = 256
    """Shorter side in pixels; smaller clips keep theirs."""
    fps: int = 3
    """Frames kept of a second; all where the clip has fewer, more of a short clip."""

    def clip(self, source: Source, seconds: float | None = None) -> bytes:
        """A video's file. Raises ValueError and what PyAV raises where it cannot be decoded."""
        kept, shown, length = self._thinned(source, seconds, Fraction(self.fps))
        if len(kept) < min(FEWEST_FRAMES, shown):
            kept, _, _ = self._thinned(source, seconds, FEWEST_FRAMES / length)
        if not kept:
            raise ValueError("it has no frames")
        return pack_frames(kept)

    def _thinned(
        self, source: Source, seconds: float | None, fps: Fraction
    ) -> tuple[list[bytes], int, Fraction]:
        """The first frame of each 1/fps seconds, how many there were, and the clip's seconds."""
        shrinker, kept, shown, slot, end = Shrinker(self.side), [], 0, -1, Fraction(0)
        with opened(source, seconds) as video:
            for time, frame in video:
                shown, end = shown + 1, time * video.time_base
                if int(end * fps) > slot:
                    slot = int(end * fps)
                    kept.append(_jpeg(Image.fromarray(shrinker.rgb(frame))))
            return kept, shown, end + 1 / video.rate


StorageFormat = Mp4 | JpegFrames


def shrink_image(source: Source, side: int) -> bytes:
    """An image as a JPEG with this shorter side, never enlarged. Raises what Pillow raises."""
    with Image.open(source) as image:
        picture = image.convert("RGB")
    scale = side / min(picture.size)
    if scale < 1:
        width, height = (round(length * scale) for length in picture.size)
        picture = picture.resize((width, height), Image.Resampling.BICUBIC, reducing_gap=3.0)
    return _jpeg(picture)


def _jpeg(picture: Image.Image) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=JPEG_QUALITY)
    return buffer.getvalue()
