"""Every decoder gives every frame of every kind of file as PyAV does from the start."""

import inspect
import io
import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import av
import clip_files
import numpy as np
import pytest

from unify.data.decoding import UnreadableClip, check_decoder, read_example, read_video
from unify.data.decoding.mp4 import top_boxes
from unify.data.decoding.seeking import exact_index
from unify.data.example import Clip, Member
from unify.data.prepare.formats import JpegFrames, Mp4

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc")
PLAIN = ("b_frames", "pyramid", "long_gop", "odd_rows", "cut_end", "late_start", "quarter_turn")
"""What seeking reads; the others' indices mislead."""
SUFFIXES = {
    "mpeg4": ".avi",
    "h264_in_avi": ".avi",
    "h264_in_avi_out_of_order": ".avi",
    "wmv": ".wmv",
    "matroska": ".mkv",
    "without_times": ".h264",
    "mpeg2": ".mpg",
    "vp8": ".webm",
    "vp9": ".webm",
    "quicktime": ".mov",
}
KINDS = [
    name
    for name, made in inspect.getmembers(clip_files, inspect.isfunction)
    if list(inspect.signature(made).parameters) == ["rng", "path"]
]


ENVIRONMENT = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}


@cache
def installed(decoder: str) -> str:
    """Why a decoder cannot be used; empty where it can."""
    try:
        check_decoder(decoder)
    except ValueError as reason:
        return str(reason)
    return ""


@pytest.fixture(params=["decord", "torchcodec", "av"])
def decoder(request: pytest.FixtureRequest) -> str:
    if reason := installed(request.param):
        pytest.skip(reason)
    return request.param


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("clips")


def clip_of(kind: str, folder: Path, seed: int) -> Path:
    """A file of a kind; its own for each kind and made once."""
    path = folder / kind / f"clip{SUFFIXES.get(kind, '.mp4')}"
    if not path.exists():
        path.parent.mkdir()
        try:
            getattr(clip_files, kind)(np.random.default_rng(seed), path)
        except av.codec.codec.UnknownCodecError as error:
            pytest.skip(f"PyAV has no encoder for it: {error}")
    return path


def truth(path: Path) -> np.ndarray:
    """All frames in the plainest way, turned as the file says: int (N, H, W, 3)."""
    with av.open(str(path)) as container:
        frames = list(container.decode(video=0))
    pixels = np.stack([frame.to_ndarray(format="rgb24") for frame in frames]).astype(int)
    return np.rot90(pixels, frames[0].rotation // 90, (1, 2))


def seeks(path: Path) -> bool:
    with path.open("rb") as file:
        return exact_index(file) is not None


@pytest.mark.parametrize("kind", KINDS)
def test_every_frame_is_the_one_that_was_asked_for(kind, decoder, folder, rng, seed):
    path = clip_of(kind, folder, seed)
    expected = truth(path)
    lengths = []
    for wanted in np.array_split(rng.permutation(len(expected)), -(-len(expected) // 3)):
        frames = read_video(path, lambda n, w=wanted: lengths.append(n) or w.tolist(), decoder)
        found = frames.permute(0, 2, 3, 1).numpy()
        assert found.shape == expected[wanted].shape
        assert abs(found - expected[wanted]).max() <= 2, (seed, wanted)
    assert set(lengths) == {len(expected)}, seed


@pytest.mark.parametrize("kind", KINDS)
def test_the_first_seconds_are_the_same_frames_for_every_decoder(kind, decoder, folder, seed):
    path = clip_of(kind, folder, seed)
    clip = Clip("", path, seconds=1.0)
    lengths = []
    for name in ("av", decoder):
        read_example(clip, lambda n: lengths.append(n) or [n - 1], name)
    assert lengths[0] == lengths[1] <= len(truth(path)), seed


@pytest.mark.parametrize("kind", PLAIN)
def test_ordinary_files_are_read_by_seeking(kind, folder, seed):
    assert seeks(clip_of(kind, folder, seed))


@pytest.mark.parametrize("kind", ["ten_bits", "half_the_chroma", "interlaced", "hevc"])
def test_pictures_that_decoders_turn_into_other_pixels_are_not_read_by_seeking(kind, folder, seed):
    assert not seeks(clip_of(kind, folder, seed))


def frames_in(content: bytes) -> int:
    with av.open(io.BytesIO(content)) as container:
        return sum(1 for _ in container.decode(video=0))


@pytest.mark.parametrize("kind", KINDS)
def test_the_first_seconds_are_as_many_frames_in_a_prepared_clip(kind, folder, rng, seed):
    path, seconds, lengths = clip_of(kind, folder, seed), rng.choice([0.5, 0.9, 1.0, 1.3]), []
    read_example(Clip("", path, seconds=seconds), lambda n: lengths.append(n) or [0], "av")
    assert lengths == [frames_in(Mp4(side=64).clip(path, seconds))], (seed, seconds)


@pytest.mark.parametrize("kind", ["mpeg4", "h264_in_avi_out_of_order", "b_frames", "matroska"])
def test_a_second_is_as_many_frames_as_its_rate_says(kind, folder, seed):
    lengths = []
    clip = Clip("", clip_of(kind, folder, seed), seconds=1.0)
    read_example(clip, lambda n: lengths.append(n) or [0], "av")
    assert lengths == [clip_files.FPS]


def test_the_first_seconds_of_a_file_without_times_are_not_all_of_it(folder, decoder, seed):
    lengths = []
    clip = Clip("", clip_of("without_times", folder, seed), seconds=1.0)
    read_example(clip, lambda n: lengths.append(n) or [0], decoder)
    assert lengths[0] in range(20, 30)


def test_prepared_clips_are_read_by_seeking(folder, tmp_path, seed):
    for kind in ("mpeg4", "cut", "variable_rate", "open_gop"):
        path = tmp_path / f"{kind}.mp4"
        path.write_bytes(Mp4(side=64).clip(clip_of(kind, folder, seed)))
        assert seeks(path), (kind, seed)


def test_what_a_file_is_called_does_not_matter(folder, tmp_path, decoder, seed):
    for name, kind in (("video.avi", "b_frames"), ("video.mp4", "mpeg4"), ("video", "vp9")):
        path = tmp_path / name
        path.write_bytes(clip_of(kind, folder, seed).read_bytes())
        expected = truth(path)
        found = read_video(path, lambda n: [n // 2], decoder).permute(0, 2, 3, 1).numpy()
        assert abs(found[0] - expected[len(expected) // 2]).max() <= 2, (kind, seed)


@pytest.mark.parametrize("kind", ["b_frames", "cut", "mpeg4"])
def test_clips_within_a_tar_file_are_the_same(kind, folder, tmp_path, decoder, seed):
    path = clip_of(kind, folder, seed)
    content, lead = path.read_bytes(), b"another member" * 99
    shard = tmp_path / "shard.tar"
    shard.write_bytes(lead + content + lead)
    member = Member(f"clip{path.suffix}", len(lead), len(content))
    frames = read_example(Clip("", shard, member=member), lambda n: [0, n - 1], decoder)
    assert (frames == read_video(path, lambda n: [0, n - 1], decoder)).all()


def test_pyav_reads_where_decord_has_no_wheel(folder, monkeypatch, seed):
    path = clip_of("b_frames", folder, seed)
    seen = read_video(path, lambda n: [5, n - 1], "decord").int()
    monkeypatch.setattr("unify.data.decoding.by_decord.is_installed", lambda: False)
    monkeypatch.setitem(sys.modules, "decord", None)
    assert (read_video(path, lambda n: [5, n - 1], "decord").int() - seen).abs().max() <= 2, seed


def test_clips_too_long_to_hold_are_decoded_twice_and_alike(folder, monkeypatch, rng, seed):
    path = clip_of("mpeg4", folder, seed)
    wanted = [int(k) for k in rng.permutation(60)[:5]]
    whole = read_video(path, lambda n: wanted, "av")
    monkeypatch.setattr("unify.data.decoding.by_av.HELD", 100_000)
    assert (read_video(path, lambda n: wanted, "av") == whole).all(), (seed, wanted)


@pytest.mark.parametrize(
    "kind", ["b_frames", "index_first", "quicktime", "mpeg4", "vp8", "matroska", "wmv"]
)
def test_truncated_files_are_unreadable_and_named(kind, folder, tmp_path, decoder, rng, seed):
    whole = clip_of(kind, folder, seed).read_bytes()
    for stop in [len(whole) - 1, *rng.integers(1, len(whole) - 1, 8)]:
        path = tmp_path / f"cut at {stop}{SUFFIXES.get(kind, '.mp4')}"
        path.write_bytes(whole[:stop])
        refused(path, decoder, seed)


def refused(path: Path, decoder: str, seed: int) -> None:
    """Neither read nor prepared."""
    with pytest.raises(UnreadableClip) as caught:
        read_video(path, lambda n: [0, n // 2, n - 1], decoder)
    assert str(path) in str(caught.value), seed
    assert "\n" not in str(caught.value)
    for form in (Mp4(side=64), JpegFrames(side=64)):
        with pytest.raises((ValueError, OSError)):
            form.clip(path)


def test_fragmented_files_are_unreadable_where_a_fragment_is_cut(
    folder, tmp_path, decoder, rng, seed
):
    whole = clip_of("fragmented", folder, seed)
    with whole.open("rb") as file:
        boxes = list(top_boxes(file, whole.stat().st_size))
    path = tmp_path / "cut.mp4"
    for box in (box for box in boxes if box.kind in (b"moof", b"mdat")):
        ends = [box.stop] if box.kind == b"moof" else []
        for stop in [box.start - 1, box.start, int(rng.integers(box.start, box.stop)), *ends]:
            path.write_bytes(whole.read_bytes()[:stop])
            refused(path, decoder, seed)


@pytest.mark.parametrize("kind", ["mpeg2", "vp8", "wmv", "fragmented"])
def test_the_end_of_a_clip_within_a_tar_file_is_its_own(kind, folder, tmp_path, decoder, seed):
    content = clip_of(kind, folder, seed).read_bytes()
    shard = tmp_path / "shard.tar"
    shard.write_bytes(content + b"more" * 999)
    name = f"clip{SUFFIXES.get(kind, '.mp4')}"
    read_example(Clip("", shard, member=Member(name, 0, len(content))), lambda n: [n - 1], decoder)
    short = Clip("", shard, member=Member(name, 0, len(content) * 2 // 3 - 1))
    if kind != "mpeg2":  # does not say how long it is
        with pytest.raises(UnreadableClip):
            read_example(short, lambda n: [n - 1], decoder)


@pytest.mark.parametrize("content", [b"", b"a text\n" * 999, b"\0" * 5000, bytes(range(256)) * 20])
def test_files_of_other_kinds_are_unreadable_and_named(content, tmp_path, decoder):
    path = tmp_path / "clip.mp4"
    path.write_bytes(content)
    with pytest.raises(UnreadableClip, match=r"clip\.mp4 cannot be decoded: ") as caught:
        read_video(path, lambda n: [0], decoder)
    assert "\n" not in str(caught.value)


def test_sound_without_pictures_is_unreadable_and_named(tmp_path, decoder, rng):
    path = tmp_path / "sound.mp4"
    clip_files.write_sound(rng, path, seconds=1)
    with pytest.raises(UnreadableClip, match=r"sound\.mp4 .* no video stream"):
        read_video(path, lambda n: [0], decoder)


def test_damaged_tables_give_an_error_or_the_right_frames(folder, tmp_path, decoder, rng, seed):
    """Random bytes in the index: never a crash, and never other frames than from the start."""
    whole = clip_of("b_frames", folder, seed).read_bytes()
    for number in range(20):
        content, path = bytearray(whole), tmp_path / f"{number}.mp4"
        content[rng.integers(whole.index(b"moov"), len(whole))] ^= 1 << int(rng.integers(8))
        path.write_bytes(content)
        results = []
        for name in ("av", decoder):
            try:
                results.append(read_video(path, lambda n: [0, n // 2, n - 1], name).int())
            except UnreadableClip:
                results.append(None)
        first, second = results
        if first is not None and second is not None:
            assert (first - second).abs().max() <= 2, (seed, number)


def rise(decoder: str, opens: int, folder: Path, seed: int) -> float:
    """MiB by which a process grows while it opens good and bad clips."""
    kinds = ("b_frames", "long_gop", "cut", "mpeg4", "vp9", "quarter_turn")
    paths = [clip_of(kind, folder, seed) for kind in kinds]
    bad = folder / "bad.mp4"
    bad.write_bytes(paths[0].read_bytes()[:-99])
    script = Path(clip_files.__file__).with_name("opening.py")
    command = [sys.executable, str(script), decoder, "100", str(opens), *map(str, [*paths, bad])]
    done = subprocess.run(command, capture_output=True, text=True, env=ENVIRONMENT)
    assert done.returncode == 0, done.stderr
    return float(done.stdout)


@LINUX
def test_memory_does_not_grow_from_clip_to_clip(decoder, folder, seed):
    assert rise(decoder, 300, folder, seed) < 16


@LINUX
@pytest.mark.slow
def test_memory_does_not_grow_over_two_thousand_clips(decoder, folder, seed):
    assert rise(decoder, 2000, folder, seed) < 16
