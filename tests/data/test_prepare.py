"""What clips become looks like the original, frame by frame, and is found by the same readers."""

import io
import json
import os
import signal
from fractions import Fraction
from functools import partial

import av
import numpy as np
import pytest
from filmed import film, scene, shown, turn
from handwritten import said, tar, write
from PIL import Image

from unify.data.corpora import read_split
from unify.data.decoding import UnreadableClip, read_example
from unify.data.example import Clip
from unify.data.prepare.formats import FEWEST_FRAMES, JpegFrames, Mp4, shrink_image
from unify.data.prepare.plan import make_jobs, read_splits
from unify.data.prepare.pool import run_all
from unify.data.prepare.target import claim, copy_lists
from unify.data.prepare.whole import find_lost
from unify.data.prepare.work import convert, is_done
from unify.data.stored_frames import pack_frames

NEAR = 6
"""Mean difference, of 255, of frames that are the same picture; neighbours differ by less where
nothing moves, so that scenes go from one colour to another."""

FILMS = {
    "clip.mp4": {"g": "250"},
    "frames to come first.mp4": {"g": "250", "bf": "3", "sound": True},
    "clip.avi": {"codec": "mpeg4", "g": "250", "bf": "2"},
    "clip.mov": {"codec": "mjpeg", "pixels": "yuvj420p", "strict": "unofficial"},
    "clip.mkv": {"codec": "libx264rgb", "pixels": "rgb24"},
    "uneven.mp4": {"milliseconds": [90 * k + (k % 5) * 20 for k in range(40)]},
}


def alike(a: np.ndarray, b: np.ndarray) -> bool:
    """Whether two frames show the same, whatever their size."""
    small = [np.asarray(Image.fromarray(x).resize((32, 24)), int) for x in (a, b)]
    return abs(small[0] - small[1]).mean() < NEAR


def all_of(length: int) -> list[int]:
    return list(range(length))


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
        assert abs(new.astype(int) - frame).mean() < 3


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


def prepared(corpus: str, root, out, form) -> list:
    """What the command does, in this process; returns the clips that are lost."""
    kit = next(path for path in root.iterdir() if path.is_dir())
    splits = read_splits(corpus, root)
    jobs = make_jobs(splits.values(), kit, out / kit.name, form)
    claim(kit, out / kit.name, form)
    copy_lists(kit, out / kit.name, [job.source for job in jobs])
    lost = [one for job in jobs for one in convert(form, job)]
    assert all(is_done(job) for job in jobs) or lost
    return [*lost, *find_lost(corpus, splits, jobs, out)]


def didemo(root, rng) -> dict[str, int]:
    names = {"a_1.m4v": 40, "b_2.MOV": 33, "c_3.": 20, "d_4.avi": 25, "e_5": 8, "f.g.mpg": 12}
    rows = [{"video": name, "description": f"it is {name}"} for name in names]
    lists = {f"{part}_list.txt": "\n".join(names) for part in ("train", "val", "test")}
    data = {f"{part}_data.json": json.dumps(rows) for part in ("train", "val", "test")}
    write(root / "DiDeMo", {**lists, **data, "videos/notes.txt": "mine", "videos/x.mp4": "no"})
    for name, seconds in names.items():
        path = film(root / "DiDeMo/videos/film.mkv", scene(rng, 2 * seconds), fps=2)
        path.rename(path.with_name(name))
    return {name: 2 * min(seconds, 30) for name, seconds in names.items()}


@pytest.mark.parametrize("form", [Mp4(), JpegFrames(fps=2)], ids=["mp4", "frames"])
def test_didemo_is_found_whatever_its_extensions_and_ends_after_30_seconds(tmp_path, rng, form):
    root, out = tmp_path / "data", tmp_path / "prepared"
    lengths = didemo(root, rng)
    assert prepared("didemo", root, out, form) == []
    for split in ("train", "val", "test"):
        before, after = read_split("didemo", split, root), read_split("didemo", split, out)
        assert said(after.examples) == said(before.examples)
        assert not after.missing
    for example in after.examples:
        assert example.path.suffix == form.suffix
        assert len(read_example(example, all_of)) == lengths[example.key]
    assert (out / "DiDeMo/videos/notes.txt").read_text() == "mine"
    assert not (out / "DiDeMo/videos/x.mp4").exists()


def lsmdc(root, rng):
    clip = "0003_CASABLANCA_00.00.05.123-00.00.07.456"
    row = "\t".join([clip, "0", "1", "0", "1", "SOMEONE walks."]) + "\n"
    names = ("LSMDC16_annos_training.csv", "LSMDC16_annos_val.csv")
    lists = dict.fromkeys((*names, "LSMDC16_challenge_1000_publictect.csv"), row)
    write(root / "LSMDC", lists)
    film(root / f"LSMDC/videos/0003_CASABLANCA/{clip}.avi", scene(rng, 30), **FILMS["clip.avi"])


def msvd(root, rng):
    clip = "mv89psg6zh4_33_46"
    lists = {f"{part}_list.txt": clip for part in ("train", "val", "test")}
    captions = {"raw-captions.json": json.dumps({clip: [["a", "cook"], ["someone", "stirs"]]})}
    write(root / "MSVD", {**lists, **captions})
    film(root / f"MSVD/YouTubeClips/{clip}.avi", scene(rng, 30), **FILMS["clip.avi"])


def hmdb51(root, rng):
    clip = "#20_Rhythm_clap_u_nm_np1_fr_goo_0.avi"
    folder = "HMDB51/testTrainMulti_7030_splits"
    write(root, {f"{folder}/clap_test_split{k}.txt": f"{clip} 2 \nother.avi 1 \n" for k in (1, 2)})
    film(root / "HMDB51/videos/clap" / clip, scene(rng, 30), **FILMS["clip.avi"])
    write(root, {"HMDB51/videos/clap/other.avi": "of no test split"})


@pytest.mark.parametrize("form", [Mp4(), JpegFrames(fps=10)], ids=["mp4", "frames"])
@pytest.mark.parametrize("make", [lsmdc, msvd, hmdb51])
def test_frames_of_an_avi_are_those_of_decoding_it_in_order(tmp_path, rng, make, form):
    root, out = tmp_path / "data", tmp_path / "prepared"
    make(root, rng)
    assert prepared(make.__name__, root, out, form) == []
    splits = read_splits(make.__name__, root)
    for split, read in splits.items():
        (before,), (after,) = read.examples, read_split(make.__name__, split, out).examples
        assert {type(before), before.key} == {type(after), after.key}
        frames = read_example(after, all_of).permute(0, 2, 3, 1).numpy()
        for new, (_, frame) in zip(frames, shown(before.path), strict=True):
            assert alike(new, frame)


def test_clips_whose_names_differ_in_their_extension_alone_stay_apart(tmp_path, rng):
    root, out = tmp_path / "data", tmp_path / "prepared"
    didemo(root, rng)
    kit = root / "DiDeMo"
    film(kit / "videos/a_1.mov", scene(rng, 7))
    for part in ("train", "val", "test"):
        rows = json.loads((kit / f"{part}_data.json").read_text())
        rows.append({"video": "a_1.mov", "description": "another"})
        write(kit, {f"{part}_data.json": json.dumps(rows), f"{part}_list.txt": "a_1.mov\na_1.m4v"})
    assert prepared("didemo", root, out, Mp4()) == []
    lengths = [len(read_example(e, all_of)) for e in read_split("didemo", "test", out).examples]
    assert lengths == [7, 60]


@pytest.mark.parametrize("form", [Mp4(), JpegFrames()], ids=["mp4", "frames"])
def test_shards_stay_shards_with_their_keys_and_captions(tmp_path, rng, form):
    root, out = tmp_path / "data", tmp_path / "prepared"
    film_a = film(tmp_path / "a.mp4", scene(rng, 20, 64, 64)).read_bytes()
    parts = {
        "000.mp4": film_a,
        "000.txt": b"first",
        "000.json": b'{"caption": "first"}',
        "001.txt": b"gone",
        "002.0.webm": film(tmp_path / "b.webm", scene(rng, 9), codec="libvpx").read_bytes(),
        "002.m4a": b"sound",
        "002.txt": b"second",
        "003.mp4": b"no clip",
        "003.txt": b"third",
    }
    write(root, {"WebVid/shards/train/00007.tar": tar(parts)})
    lost = prepared("webvid2m", root, out, form)
    assert {one.place.name for one in lost} == {"003.mp4"}
    before, after = read_split("webvid2m", "train", root), read_split("webvid2m", "train", out)
    expected = said(before.examples)
    assert expected.pop("00007/003") == ("third",)
    assert said(after.examples) == expected
    assert said(after.missing) == {"00007/001": ("gone",), "00007/003": ("third",)}
    lengths = [len(read_example(example, all_of)) for example in after.examples]
    assert lengths == ([20, 9] if form.suffix == ".mp4" else [FEWEST_FRAMES, 9])


def test_images_in_shards_and_in_folders_become_jpegs(tmp_path, rng):
    root, out = tmp_path / "data", tmp_path / "prepared"
    buffer = io.BytesIO()
    Image.fromarray(scene(rng, 1, 400, 300)[0]).save(buffer, "PNG")
    write(
        root / "CC3M",
        {
            "shards/train/0.tar": tar({"0.png": buffer.getvalue(), "0.txt": b"a wall"}),
            "Validation_GCC-1.1.0-Validation.tsv": "a wall\thttp://a/1\n",
            "validation/0_2949673445": buffer.getvalue(),
        },
    )
    zlib_name = next(iter(read_splits("cc3m", root)["val"].missing), None)
    if zlib_name is not None:
        (root / "CC3M/validation/0_2949673445").rename(zlib_name.path)
    assert prepared("cc3m", root, out, JpegFrames()) == []
    for split in ("train", "val"):
        (example,) = read_split("cc3m", split, out).examples
        assert read_example(example, all_of).shape == (1, 3, 341, 256)


def test_what_is_done_is_told_from_an_original_that_changed(tmp_path, rng):
    root, out = tmp_path / "data", tmp_path / "prepared"
    msvd(root, rng)
    assert prepared("msvd", root, out, Mp4()) == []
    jobs = make_jobs(read_splits("msvd", root).values(), root / "MSVD", out / "MSVD", Mp4())
    (job,) = jobs
    assert is_done(job)
    later = job.source.stat().st_mtime + 5
    os.utime(job.source, (later, later))
    assert not is_done(job)
    convert(Mp4(), job)
    assert is_done(job)
    job.target.unlink()
    assert not is_done(job)


def test_a_clip_outside_of_the_corpus_has_no_place_in_the_copy(tmp_path):
    root = tmp_path / "data"
    table = f'[train]\ntable = "t.csv"\nclips = ["{tmp_path}/{{caption}}.mp4"]\n'
    write(tmp_path, {"data/WebVid/columns.toml": table, "data/WebVid/t.csv": "caption\na\n"})
    write(tmp_path, {"a.mp4": "a clip"})
    splits = read_splits("webvid2m", root)
    with pytest.raises(ValueError, match=r"a\.mp4 lies outside of .*WebVid"):
        make_jobs(splits.values(), root / "WebVid", tmp_path / "out/WebVid", Mp4())


def _end(number: int) -> int:
    if number == 7:
        os.kill(os.getpid(), signal.SIGKILL)
    return number * number


def _fail(limit: int, number: int) -> int:
    if number == limit:
        raise ValueError(f"no room for {number}")
    return number


def test_a_job_that_kills_its_process_is_found_and_the_others_are_done():
    assert dict(run_all(_end, range(20), 2)) == {
        number: None if number == 7 else number * number for number in range(20)
    }


def test_what_a_job_raises_ends_all():
    with pytest.raises(ValueError, match="no room for 5"):
        list(run_all(partial(_fail, 5), range(1000), 2))


def test_times_are_exact_for_a_rate_that_is_no_whole_number(tmp_path, rng):
    rate = Fraction(30000, 1001)
    source = film(tmp_path / "clip.mp4", scene(rng, 31), fps=rate)
    small = opened(tmp_path / "small.mp4", Mp4().clip(source))
    assert [time for time, _ in shown(small)] == pytest.approx([k / rate for k in range(31)])
