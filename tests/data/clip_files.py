"""Video files of the kinds that corpora hold, written with PyAV."""

import struct
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

X264 = {"crf": "18", "threads": "1", "preset": "veryfast"}
FPS = 24


def noise(rng: np.random.Generator, count: int, width: int = 96, height: int = 64) -> np.ndarray:
    """Frames (count, H, W, 3) of coarse noise: each far from every other."""
    coarse = rng.integers(0, 256, (count, height // 8 + 1, width // 8 + 1, 3), dtype=np.uint8)
    return coarse.repeat(8, 1).repeat(8, 2)[:, :height, :width]


def write(
    path: Path,
    frames: np.ndarray,
    codec: str = "libx264",
    *,
    pix_fmt: str = "yuv420p",
    times: Sequence[int] | None = None,
    container: str | None = None,
    flags: str = "",
    **options: str,
) -> None:
    """Encode frames; `times` are in milliseconds, `flags` those of the MP4 writer."""
    defaults = X264 if codec == "libx264" else {"threads": "1"}
    writing = {"movflags": flags} if flags else {}
    with av.open(str(path), "w", container, options=writing) as file:
        stream = file.add_stream(codec, rate=FPS, options=defaults | options)
        stream.height, stream.width = frames.shape[1:3]
        stream.pix_fmt = pix_fmt
        stream.bit_rate = 2_000_000
        if times:
            stream.time_base = stream.codec_context.time_base = Fraction(1, 1000)
        for number, frame in enumerate(frames):
            picture = av.VideoFrame.from_ndarray(frame, format="rgb24").reformat(format=pix_fmt)
            if times:
                picture.pts, picture.time_base = times[number], Fraction(1, 1000)
            file.mux(stream.encode(picture))
        file.mux(stream.encode())


def copy_packets(
    source: Path, target: Path, start: int, stop: int, zero: int | None = None
) -> None:
    """Packets from number `start` up to `stop`; packet number `zero` is at time 0."""
    with av.open(str(source)) as old, av.open(str(target), "w") as new:
        stream = new.add_stream_from_template(old.streams.video[0])
        packets = [packet for packet in old.demux(video=0) if packet.size]
        shift = packets[start if zero is None else zero].pts
        for packet in packets[start:stop]:
            packet.pts, packet.dts = packet.pts - shift, packet.dts - shift
            packet.stream = stream
            new.mux(packet)


def write_sound(rng: np.random.Generator, path: Path, seconds: int) -> None:
    """Sound and no pictures."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=16000, layout="mono")
        for _ in range(seconds * 16):
            samples = rng.normal(0, 0.1, (1, 1024)).astype(np.float32)
            frame = av.AudioFrame.from_ndarray(samples, "fltp", "mono")
            frame.sample_rate = 16000
            container.mux(stream.encode(frame))
        container.mux(stream.encode())


def rotate(path: Path, matrix: Sequence[int]) -> None:
    """Give an MP4's track a display matrix: a, b, c and d in quarters turns' units (-1, 0, 1)."""
    content = bytearray(path.read_bytes())
    start = content.index(b"tkhd") + 4 + 4 + 20 + 8 + 8
    a, b, c, d = (value << 16 for value in matrix)
    content[start : start + 36] = struct.pack(">9i", a, b, 0, c, d, 0, 0, 0, 1 << 30)
    path.write_bytes(content)


def b_frames(rng: np.random.Generator, path: Path) -> None:
    write(path, noise(rng, 60), g="15", bf="3")


def pyramid(rng: np.random.Generator, path: Path) -> None:
    write(path, noise(rng, 60), g="20", bf="7", **{"x264-params": "b-pyramid=normal:b-adapt=0"})


def key_pairs(rng: np.random.Generator, path: Path) -> None:
    """Key frames so close that the next one's decoding time precedes this one's showing."""
    write(path, noise(rng, 31), g="2", bf="3", **{"x264-params": "b-adapt=0:min-keyint=1"})


def long_gop(rng: np.random.Generator, path: Path) -> None:
    write(path, noise(rng, 290), g="250", bf="3", preset="ultrafast")


def open_gop(rng: np.random.Generator, path: Path) -> None:
    write(path, noise(rng, 60), g="12", bf="3", **{"x264-params": "open-gop=1:b-adapt=0"})


def intra_refresh(rng: np.random.Generator, path: Path) -> None:
    write(path, noise(rng, 60), g="12", **{"x264-params": "intra-refresh=1"})


def intra_only(rng: np.random.Generator, path: Path) -> None:
    write(path, noise(rng, 20), g="1", bf="0")


def variable_rate(rng: np.random.Generator, path: Path) -> None:
    gaps = rng.choice([7, 20, 33, 41, 700], 60)
    write(path, noise(rng, 60), times=[int(t) for t in np.cumsum(gaps)], g="15", bf="3")


def late_start(rng: np.random.Generator, path: Path) -> None:
    write(path, noise(rng, 40), times=list(range(3000, 3000 + 40 * 42, 42)), g="15", bf="2")


def one_frame(rng: np.random.Generator, path: Path) -> None:
    write(path, noise(rng, 1))


def odd_sizes(rng: np.random.Generator, path: Path) -> None:
    write(path, noise(rng, 40, 65, 47), pix_fmt="yuv444p", g="15", bf="2")


def odd_rows(rng: np.random.Generator, path: Path) -> None:
    # noise may look like cuts, and key frames side by side are not read by seeking
    write(path, noise(rng, 40, 50, 46), g="15", bf="2", sc_threshold="0")


def hd_colours(rng: np.random.Generator, path: Path) -> None:
    write(path, noise(rng, 40), g="15", **{"x264-params": "colormatrix=bt709"})


def full_range(rng: np.random.Generator, path: Path) -> None:
    write(path, noise(rng, 40), g="15", **{"x264-params": "range=pc"})


def ten_bits(rng: np.random.Generator, path: Path) -> None:
    write(path, noise(rng, 40), pix_fmt="yuv420p10le", g="15", bf="2")


def half_the_chroma(rng: np.random.Generator, path: Path) -> None:
    write(path, noise(rng, 40), pix_fmt="yuv422p", g="15", bf="2")


def interlaced(rng: np.random.Generator, path: Path) -> None:
    write(path, noise(rng, 40), g="15", **{"x264-params": "interlaced=1:tff=1"})


def cut(rng: np.random.Generator, path: Path) -> None:
    """Cut without encoding anew: an edit list hides the frames before the cut."""
    whole = path.with_stem("whole")
    write(whole, noise(rng, 120), g="30", bf="3")
    copy_packets(whole, path, 30, 100, zero=45)


def cut_between_key_frames(rng: np.random.Generator, path: Path) -> None:
    whole = path.with_stem("whole")
    write(whole, noise(rng, 120), g="30", bf="3")
    copy_packets(whole, path, 41, 100)


def cut_end(rng: np.random.Generator, path: Path) -> None:
    whole = path.with_stem("whole")
    write(whole, noise(rng, 120), g="30", bf="3", **{"x264-params": "b-adapt=0"})
    copy_packets(whole, path, 0, 97)


def index_first(rng: np.random.Generator, path: Path) -> None:
    """As for the web: what is cut off at the end are frames, not the index."""
    write(path, noise(rng, 60), flags="faststart", g="15", bf="3")


def quicktime(rng: np.random.Generator, path: Path) -> None:
    write(path, noise(rng, 40), g="15", bf="3")


def fragmented(rng: np.random.Generator, path: Path) -> None:
    write(path, noise(rng, 40), flags="frag_keyframe+empty_moov", g="10", bf="2")


def quarter_turn(rng: np.random.Generator, path: Path) -> None:
    b_frames(rng, path)
    rotate(path, (0, 1, -1, 0))


def half_turn(rng: np.random.Generator, path: Path) -> None:
    b_frames(rng, path)
    rotate(path, (-1, 0, 0, -1))


def three_quarter_turn(rng: np.random.Generator, path: Path) -> None:
    b_frames(rng, path)
    rotate(path, (0, -1, 1, 0))


def mirrored(rng: np.random.Generator, path: Path) -> None:
    b_frames(rng, path)
    rotate(path, (-1, 0, 0, 1))


def mpeg4(rng: np.random.Generator, path: Path) -> None:
    write(path, noise(rng, 60), "mpeg4", bf="2", g="12")


def avi_called_mp4(rng: np.random.Generator, path: Path) -> None:
    write(path, noise(rng, 60), "mpeg4", container="avi", bf="2", g="12")


def vp9(rng: np.random.Generator, path: Path) -> None:
    write(path, noise(rng, 40), "libvpx-vp9", g="15", **{"deadline": "realtime", "cpu-used": "8"})


def vp8(rng: np.random.Generator, path: Path) -> None:
    write(path, noise(rng, 40), "libvpx", g="15", **{"deadline": "realtime", "cpu-used": "8"})


def mpeg2(rng: np.random.Generator, path: Path) -> None:
    write(path, noise(rng, 40), "mpeg2video", g="12", bf="2")


def h264_in_avi(rng: np.random.Generator, path: Path) -> None:
    write(path, noise(rng, 40), g="12", bf="0")


def h264_in_avi_out_of_order(rng: np.random.Generator, path: Path) -> None:
    write(path, noise(rng, 60), g="12", bf="3")


def wmv(rng: np.random.Generator, path: Path) -> None:
    write(path, noise(rng, 60), "wmv2", g="12")


def matroska(rng: np.random.Generator, path: Path) -> None:
    write(path, noise(rng, 60), g="12", bf="2")


def without_times(rng: np.random.Generator, path: Path) -> None:
    """A bare stream."""
    write(path, noise(rng, 60), container="h264", g="12", bf="2")


def hevc(rng: np.random.Generator, path: Path) -> None:
    write(path, noise(rng, 40), "libx265", g="12", **{"x265-params": "log-level=error"})
