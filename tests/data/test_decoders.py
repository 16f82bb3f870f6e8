"""Every decoder gives every frame of every kind of file as PyAV does from the start."""

import io
import os
import subprocess
import sys
from pathlib import Path

import av
import clip_files
import numpy as np
import pytest
from kinds import KINDS, clip_of, truth

from unify.data.decoding import read_example, read_video
from unify.data.decoding.seeking import exact_index
from unify.data.example import Clip, Member
from unify.data.prepare.formats import Mp4

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc")
PLAIN = ("b_frames", "pyramid", "long_gop", "odd_rows", "cut_end", "late_start", "quarter_turn")
"""What seeking reads; the others' indices mislead."""
ENVIRONMENT = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}


def seeks(path: Path) -> bool:
    with path.open("rb") as file:
        return exact_index(file) is not None


@pytest.mark.parametrize("kind", KINDS)
def test_every_frame_is_the_one_that_was_asked_for(kind, decoder, clips, rng, seed):
    path = clip_of(kind, clips, seed)
    expected = truth(path)
    lengths = []
    for wanted in np.array_split(rng.permutation(len(expected)), -(-len(expected) // 3)):
        frames = read_video(path, lambda n, w=wanted: lengths.append(n) or w.tolist(), decoder)
        found = frames.permute(0, 2, 3, 1).numpy()
        assert found.shape == expected[wanted].shape
        assert abs(found - expected[wanted]).max() <= 2, (seed, wanted)
    assert set(lengths) == {len(expected)}, seed


@pytest.mark.parametrize("kind", KINDS)
def test_the_first_seconds_are_the_same_frames_for_every_decoder(kind, decoder, clips, seed):
    path = clip_of(kind, clips, seed)
    clip = Clip("", path, seconds=1.0)
    lengths = []
    for name in ("av", decoder):
        read_example(clip, lambda n: lengths.append(n) or [n - 1], name)
    assert lengths[0] == lengths[1] <= len(truth(path)), seed


@pytest.mark.parametrize("kind", PLAIN)
def test_ordinary_files_are_read_by_seeking(kind, clips, seed):
    assert seeks(clip_of(kind, clips, seed))


@pytest.mark.parametrize("kind", ["ten_bits", "half_the_chroma", "interlaced", "hevc"])
def test_pictures_that_decoders_turn_into_other_pixels_are_not_read_by_seeking(kind, clips, seed):
    assert not seeks(clip_of(kind, clips, seed))


def frames_in(content: bytes) -> int:
    with av.open(io.BytesIO(content)) as container:
        return sum(1 for _ in container.decode(video=0))


@pytest.mark.parametrize("kind", KINDS)
def test_the_first_seconds_are_as_many_frames_in_a_prepared_clip(kind, clips, rng, seed):
    path, seconds, lengths = clip_of(kind, clips, seed), rng.choice([0.5, 0.9, 1.0, 1.3]), []
    read_example(Clip("", path, seconds=seconds), lambda n: lengths.append(n) or [0], "av")
    assert lengths == [frames_in(Mp4(side=64).clip(path, seconds))], (seed, seconds)


@pytest.mark.parametrize("kind", ["mpeg4", "h264_in_avi_out_of_order", "b_frames", "matroska"])
def test_a_second_is_as_many_frames_as_its_rate_says(kind, clips, seed):
    lengths = []
    clip = Clip("", clip_of(kind, clips, seed), seconds=1.0)
    read_example(clip, lambda n: lengths.append(n) or [0], "av")
    assert lengths == [clip_files.FPS]


def test_the_first_seconds_of_a_file_without_times_are_not_all_of_it(clips, decoder, seed):
    lengths = []
    clip = Clip("", clip_of("without_times", clips, seed), seconds=1.0)
    read_example(clip, lambda n: lengths.append(n) or [0], decoder)
    assert lengths[0] in range(20, 30)


def test_prepared_clips_are_read_by_seeking(clips, tmp_path, seed):
    for kind in ("mpeg4", "cut", "variable_rate", "open_gop"):
        path = tmp_path / f"{kind}.mp4"
        path.write_bytes(Mp4(side=64).clip(clip_of(kind, clips, seed)))
        assert seeks(path), (kind, seed)


def test_what_a_file_is_called_does_not_matter(clips, tmp_path, decoder, seed):
    for name, kind in (("video.avi", "b_frames"), ("video.mp4", "mpeg4"), ("video", "vp9")):
        path = tmp_path / name
        path.write_bytes(clip_of(kind, clips, seed).read_bytes())
        expected = truth(path)
        found = read_video(path, lambda n: [n // 2], decoder).permute(0, 2, 3, 1).numpy()
        assert abs(found[0] - expected[len(expected) // 2]).max() <= 2, (kind, seed)


@pytest.mark.parametrize("kind", ["b_frames", "cut", "mpeg4"])
def test_clips_within_a_tar_file_are_the_same(kind, clips, tmp_path, decoder, seed):
    path = clip_of(kind, clips, seed)
    content, lead = path.read_bytes(), b"another member" * 99
    shard = tmp_path / "shard.tar"
    shard.write_bytes(lead + content + lead)
    member = Member(f"clip{path.suffix}", len(lead), len(content))
    frames = read_example(Clip("", shard, member=member), lambda n: [0, n - 1], decoder)
    assert (frames == read_video(path, lambda n: [0, n - 1], decoder)).all()


def test_pyav_reads_where_decord_has_no_wheel(clips, monkeypatch, seed):
    path = clip_of("b_frames", clips, seed)
    seen = read_video(path, lambda n: [5, n - 1], "decord").int()
    monkeypatch.setattr("unify.data.decoding.by_decord.is_installed", lambda: False)
    monkeypatch.setitem(sys.modules, "decord", None)
    assert (read_video(path, lambda n: [5, n - 1], "decord").int() - seen).abs().max() <= 2, seed


def test_clips_too_long_to_hold_are_decoded_twice_and_alike(clips, monkeypatch, rng, seed):
    path = clip_of("mpeg4", clips, seed)
    wanted = [int(k) for k in rng.permutation(60)[:5]]
    whole = read_video(path, lambda n: wanted, "av")
    monkeypatch.setattr("unify.data.decoding.by_av.HELD", 100_000)
    assert (read_video(path, lambda n: wanted, "av") == whole).all(), (seed, wanted)


def rise(decoder: str, opens: int, clips: Path, seed: int) -> float:
    """MiB by which a process grows while it opens good and bad clips."""
    kinds = ("b_frames", "long_gop", "cut", "mpeg4", "vp9", "quarter_turn")
    paths = [clip_of(kind, clips, seed) for kind in kinds]
    bad = clips / "bad.mp4"
    bad.write_bytes(paths[0].read_bytes()[:-99])
    script = Path(clip_files.__file__).with_name("opening.py")
    command = [sys.executable, str(script), decoder, "100", str(opens), *map(str, [*paths, bad])]
    done = subprocess.run(command, capture_output=True, text=True, env=ENVIRONMENT)
    assert done.returncode == 0, done.stderr
    return float(done.stdout)


@LINUX
def test_memory_does_not_grow_from_clip_to_clip(decoder, clips, seed):
    assert rise(decoder, 300, clips, seed) < 16


@LINUX
@pytest.mark.slow
def test_memory_does_not_grow_over_two_thousand_clips(decoder, clips, seed):
    assert rise(decoder, 2000, clips, seed) < 16
