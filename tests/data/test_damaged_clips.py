"""Files that are cut short, damaged or no clips at all are errors, to every reader."""

from pathlib import Path

import clip_files
import numpy as np
import pytest
from kinds import SUFFIXES, clip_of
from torch import Tensor

from unify.data.decoding import UnreadableClip, read_example, read_video
from unify.data.decoding.mp4 import top_boxes
from unify.data.example import Clip, Member
from unify.data.prepare.formats import JpegFrames, Mp4


@pytest.mark.parametrize(
    "kind", ["b_frames", "index_first", "quicktime", "mpeg4", "vp8", "matroska", "wmv"]
)
def test_truncated_files_are_unreadable_and_named(kind, clips, tmp_path, decoder, rng, seed):
    whole = clip_of(kind, clips, seed).read_bytes()
    for stop in [len(whole) - 1, *rng.integers(1, len(whole) - 1, 8)]:
        path = tmp_path / f"cut at {stop}{SUFFIXES.get(kind, '.mp4')}"
        path.write_bytes(whole[:stop])
        refused(path, decoder, seed)


def refused(path: Path, decoder: str, seed: int) -> None:
    """Neither read nor prepared."""
    with pytest.raises(UnreadableClip) as caught:
        read_video(path, pictures, decoder)
    assert str(path) in str(caught.value), seed
    assert "\n" not in str(caught.value)
    for form in (Mp4(side=64), JpegFrames(side=64)):
        with pytest.raises((ValueError, OSError)):
            form.clip(path)


def test_fragmented_files_are_unreadable_where_a_fragment_is_cut(
    clips, tmp_path, decoder, rng, seed
):
    whole = clip_of("fragmented", clips, seed)
    with whole.open("rb") as file:
        boxes = list(top_boxes(file, whole.stat().st_size))
    path = tmp_path / "cut.mp4"
    for box in (box for box in boxes if box.kind in (b"moof", b"mdat")):
        ends = [box.stop] if box.kind == b"moof" else []
        for stop in [box.start - 1, box.start, int(rng.integers(box.start, box.stop)), *ends]:
            path.write_bytes(whole.read_bytes()[:stop])
            refused(path, decoder, seed)


@pytest.mark.parametrize("kind", ["mpeg2", "vp8", "wmv", "fragmented"])
def test_the_end_of_a_clip_within_a_tar_file_is_its_own(kind, clips, tmp_path, decoder, seed):
    content = clip_of(kind, clips, seed).read_bytes()
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


def test_damaged_tables_give_an_error_or_the_right_frames(clips, tmp_path, decoder, rng, seed):
    """Random bytes in the index: never a crash, and never other frames than from the start."""
    whole = clip_of("b_frames", clips, seed).read_bytes()
    settings = settings_of_pictures(whole)
    tables = [at for at in range(whole.index(b"moov"), len(whole)) if at not in settings]
    for number, at in enumerate(rng.choice(tables, 20)):
        path = one_bit_off(whole, at, rng, tmp_path / f"{number}.mp4")
        first, second = (frames_or_none(path, name) for name in ("av", decoder))
        if first is not None and second is not None:
            assert (first - second).abs().max() <= 2, (seed, number)


def test_damaged_settings_of_pictures_never_crash(clips, tmp_path, decoder, rng, seed):
    """Decoders conceal what they cannot make out, each from the pictures that it has seen."""
    whole = clip_of("b_frames", clips, seed).read_bytes()
    for number, at in enumerate(rng.choice(settings_of_pictures(whole), 10)):
        path = one_bit_off(whole, at, rng, tmp_path / f"{number}.mp4")
        frames = frames_or_none(path, decoder)
        assert frames is None or len(frames) == len(pictures(99)), (seed, number)


def pictures(length: int) -> list[int]:
    return [0, length // 2, length - 1]


def settings_of_pictures(whole: bytes) -> range:
    """Where an MP4 file says how its pictures are coded: the content of its avcC box."""
    at = whole.index(b"avcC")
    return range(at + 4, at - 4 + int.from_bytes(whole[at - 4 : at], "big"))


def one_bit_off(whole: bytes, at: int, rng: np.random.Generator, path: Path) -> Path:
    content = bytearray(whole)
    content[at] ^= 1 << int(rng.integers(8))
    path.write_bytes(content)
    return path


def frames_or_none(path: Path, decoder: str) -> Tensor | None:
    try:
        return read_video(path, pictures, decoder).int()
    except UnreadableClip:
        return None
