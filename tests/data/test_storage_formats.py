"""What clips and images become: the same pictures, frame by frame, at the same times."""

import io
import tarfile
from fractions import Fraction

import av
import numpy as np
import pytest
from filmed import alike, all_of, film, scene, shown, turn
from PIL import Image

from unify.data.decoding import UnreadableClip, read_example
from unify.data.example import Clip
from unify.data.prepare.formats import FEWEST_FRAMES, JpegFrames, Mp4, shrink_image
from unify.data.stored_frames import pack_frames

FILMS = {
    "clip.mp4": {"g": "250"},
    "frames to come first.mp4": {"g": "250", "bf": "3", "sound": True},
    "clip.avi": {"codec": "mpeg4", "g": "250", "bf": "2"},
    "clip.mov": {"codec": "mjpeg", "pixels": "yuvj420p", "strict": "unofficial"},
    "clip.mkv": {"codec": "libx264rgb", "pixels": "rgb24"},
    "uneven.mp4": {"milliseconds": [90 * k + (k % 5) * 20 for k in range(40)]},
}


def opened(path, content: bytes):
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("name", FILMS)
def test_an_mp4_has_every_frame_at_its_time_and_a_key_frame_every_so_often(tmp_path, rng, name):
    frames = scene(rng, 40, 96, 128)
    source = film(tmp_path / name, frames, **FILMS[name])
    small = opened(tmp_path / "small.mp4", Mp4(side=48, gop=7).clip(source))
    before, after = shown(source), shown(small)
    assert len(after) == 40
    for (time, frame), (new_time, new) in zip(before, after, strict=True):
        assert new_time == pytest.approx(time, abs=1e-9)
        assert new.shape == (48, 64, 3)
        assert alike(new, frame)
    with av.open(str(small)) as container:
        assert [stream.type for stream in container.streams] == ["video"]
        assert container.streams.video[0].codec_context.pix_fmt == "yuv420p"
        packets = [packet for packet in container.demux(video=0) if packet.size]
    keys = [number for number, packet in enumerate(packets) if packet.is_keyframe]
    assert max(np.diff([*keys, 40])) <= 7
    assert all(packet.pts == packet.dts for packet in packets)


def test_key_frames_of_the_original_are_no_key_frames_of_the_copy(tmp_path, rng):
    still = rng.integers(0, 256, (1, 64, 64, 3), np.uint8).repeat(30, axis=0)
    source = film(tmp_path / "clip.mp4", still, g="1")
    small = opened(tmp_path / "small.mp4", Mp4(gop=30).clip(source))
    with av.open(str(small)) as container:
        keys = [packet.is_keyframe for packet in container.demux(video=0) if packet.size]
    assert keys == [True] + [False] * 29


@pytest.mark.parametrize(
    ("height", "width", "expected"),
    [(128, 192, (64, 96)), (192, 128, (96, 64)), (48, 64, (48, 64)), (51, 67, (50, 66))],
)
def test_the_shorter_side_is_made_smaller_and_never_larger(tmp_path, rng, height, width, expected):
    path = tmp_path / "clip.avi"
    source = film(path, scene(rng, 3, height, width), codec="mjpeg", pixels="yuvj444p")
    for form in (Mp4(side=64), JpegFrames(side=64)):
        clip = Clip("", opened(tmp_path / f"small{form.suffix}", form.clip(source)))
        assert tuple(read_example(clip, all_of).shape[2:]) == expected


def test_a_turned_clip_is_upright_afterwards(tmp_path, rng):
    frames = scene(rng, 5, 64, 128)
    source = turn(film(tmp_path / "clip.mp4", frames))
    for form in (Mp4(), JpegFrames(fps=10)):
        clip = Clip("", opened(tmp_path / f"new{form.suffix}", form.clip(source)))
        upright = read_example(clip, all_of).permute(0, 2, 3, 1).numpy()
        assert upright.shape[1:3] == (128, 64)
        for new, frame in zip(upright, frames, strict=True):
            assert alike(new, np.rot90(frame, -1))


def test_as_many_frames_are_kept_as_asked_for_evenly_in_time(tmp_path, rng):
    frames = scene(rng, 100)
    source = film(tmp_path / "clip.mp4", frames, fps=10)
    stored = opened(tmp_path / "clip.tar", JpegFrames(fps=2).clip(source))
    kept = read_example(Clip("", stored), all_of).permute(0, 2, 3, 1).numpy()
    assert len(kept) == 20
    for new, frame in zip(kept, frames[::5], strict=True):
        assert alike(new, frame)


@pytest.mark.parametrize("length", [1, 2, FEWEST_FRAMES - 1, FEWEST_FRAMES, FEWEST_FRAMES + 9])
def test_a_short_clip_keeps_enough_frames_to_choose_from(tmp_path, rng, length):
    source = film(tmp_path / "clip.mp4", scene(rng, length), fps=10)
    stored = opened(tmp_path / "clip.tar", JpegFrames(fps=1).clip(source))
    assert len(read_example(Clip("", stored), all_of)) == min(length, FEWEST_FRAMES)


def test_only_the_frames_that_are_chosen_are_decoded(tmp_path, rng):
    pictures = []
    for frame in scene(rng, 6):
        buffer = io.BytesIO()
        Image.fromarray(frame).save(buffer, "JPEG")
        pictures.append(buffer.getvalue())
    pictures[2] = b"damaged"
    clip = Clip("", opened(tmp_path / "clip.tar", pack_frames(pictures)))
    lengths = []
    frames = read_example(clip, lambda length: [lengths.append(length) or 5, 0, 5])
    assert lengths == [6]
    assert frames.shape == (3, 3, 48, 64)
    assert frames.dtype == read_example(clip, lambda length: [1]).dtype
    assert (frames[0] == frames[2]).all() and (frames[0] != frames[1]).any()
    with pytest.raises(UnreadableClip, match=r"clip\.tar"):
        read_example(clip, lambda length: [2])


def test_a_damaged_file_of_frames_is_named(tmp_path, rng):
    content = JpegFrames().clip(film(tmp_path / "clip.mp4", scene(rng, 20)))
    for bad in (content[:1000], b"no tar file at all", pack_frames([])):
        clip = Clip("", opened(tmp_path / "bad.tar", bad))
        with pytest.raises(UnreadableClip, match=r"bad\.tar"):
            read_example(clip, lambda length: [0, length - 1])


def test_a_file_of_frames_that_ends_behind_any_of_them_is_cut_short(tmp_path, rng):
    content = JpegFrames().clip(film(tmp_path / "clip.mp4", scene(rng, 20)))
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        starts = [member.offset for member in archive]
    for stop in starts:
        clip = Clip("", opened(tmp_path / "bad.tar", content[:stop]))
        with pytest.raises(UnreadableClip, match=r"bad\.tar"):
            read_example(clip, lambda length: [0])


def test_an_image_becomes_a_small_jpeg(rng):
    picture = Image.fromarray(scene(rng, 1, 96, 128)[0])
    for mode, form in (("RGB", "PNG"), ("L", "JPEG"), ("P", "GIF")):
        buffer = io.BytesIO()
        picture.convert(mode).save(buffer, form)
        for side, size in ((48, (64, 48)), (500, (128, 96))):
            buffer.seek(0)
            with Image.open(io.BytesIO(shrink_image(buffer, side))) as small:
                assert (small.format, small.mode, small.size) == ("JPEG", "RGB", size)
                wanted = np.asarray(picture.convert(mode).convert("RGB"))
                assert alike(np.asarray(small), wanted)


def test_times_are_exact_for_a_rate_that_is_no_whole_number(tmp_path, rng):
    rate = Fraction(30000, 1001)
    source = film(tmp_path / "clip.mp4", scene(rng, 31), fps=rate)
    small = opened(tmp_path / "small.mp4", Mp4().clip(source))
    assert [time for time, _ in shown(small)] == pytest.approx([k / rate for k in range(31)])
