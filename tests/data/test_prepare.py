"""A prepared corpus is the corpus: the same clips, captions and frames by the same readers."""

import io
import json
import os
from functools import partial

import pytest
from filmed import alike, all_of, film, scene, shown
from handwritten import said, tar, write
from odd_jobs import end_at_seven, fail_at
from PIL import Image

from unify.config.corpora import CORPORA
from unify.data.corpora import load_corpus, read_split
from unify.data.decoding import read_example
from unify.data.loader import TrainStream
from unify.data.pool import run_all
from unify.data.prepare.formats import FEWEST_FRAMES, JpegFrames, Mp4
from unify.data.prepare.plan import make_jobs, read_splits
from unify.data.prepare.target import claim, copy_lists
from unify.data.prepare.whole import find_lost
from unify.data.prepare.work import convert, is_done

OLD = {"codec": "mpeg4", "g": "250", "bf": "2"}
"""Clips in which seeking goes wrong."""


def prepared(corpus: str, root, out, form) -> list:
    """What the command does, in this process; returns the clips that are lost."""
    kit = root / CORPORA[corpus].folder
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
    film(root / f"LSMDC/videos/0003_CASABLANCA/{clip}.avi", scene(rng, 30), **OLD)


def msvd(root, rng):
    clip = "mv89psg6zh4_33_46"
    lists = {f"{part}_list.txt": clip for part in ("train", "val", "test")}
    captions = {"raw-captions.json": json.dumps({clip: [["a", "cook"], ["someone", "stirs"]]})}
    write(root / "MSVD", {**lists, **captions})
    film(root / f"MSVD/YouTubeClips/{clip}.avi", scene(rng, 30), **OLD)


def hmdb51(root, rng):
    clip = "#20_Rhythm_clap_u_nm_np1_fr_goo_0.avi"
    folder = "HMDB51/testTrainMulti_7030_splits"
    write(root, {f"{folder}/clap_test_split{k}.txt": f"{clip} 2 \nother.avi 1 \n" for k in (1, 2)})
    film(root / "HMDB51/videos/clap" / clip, scene(rng, 30), **OLD)
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


@pytest.mark.parametrize("form", [Mp4(), JpegFrames()], ids=["mp4", "frames"])
@pytest.mark.parametrize(
    ("suffix", "codec"),
    [
        ("avi", "mpeg4"),
        ("mkv", "libx264"),
        ("webm", "libvpx"),
        ("wmv", "wmv2"),
        ("mpg", "mpeg1video"),
    ],
)
def test_a_clip_that_is_cut_short_is_lost_and_not_made_shorter(tmp_path, rng, suffix, codec, form):
    root, out = tmp_path / "data", tmp_path / "prepared"
    msvd(root, rng)
    (clip,) = (root / "MSVD/YouTubeClips").iterdir()
    clip.unlink()
    clip = film(clip.with_suffix(f".{suffix}"), scene(rng, 50, 96, 128), codec=codec, fps=25)
    clip.write_bytes(clip.read_bytes()[: clip.stat().st_size * 2 // 3 + 1])
    lost, *_ = prepared("msvd", root, out, form)
    assert (lost.place, "cut short" in lost.why) == (clip, True)
    assert not list((out / "MSVD").rglob(f"*{form.suffix}"))


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


def test_a_shard_that_is_no_longer_whole_is_lost_with_its_clips(tmp_path, rng):
    root, out = tmp_path / "data", tmp_path / "prepared"
    clip = film(tmp_path / "a.mp4", scene(rng, 20, 64, 64)).read_bytes()
    shard = root / "WebVid/shards/train/0.tar"
    write(root, {"WebVid/shards/train/0.tar": tar({"0.mp4": clip, "0.txt": b"first"})})
    splits = read_splits("webvid2m", root)
    jobs = make_jobs(splits.values(), root / "WebVid", out / "WebVid", Mp4())
    shard.write_bytes(b"no tar file")
    (lost,) = [one for job in jobs for one in convert(Mp4(), job)]
    assert lost.place == shard
    (lost,) = find_lost("webvid2m", splits, jobs, out)
    assert lost.place == shard / "0.mp4"
    assert not (out / "WebVid/shards/train/0.tar").exists()


@pytest.mark.parametrize("form", [Mp4(), JpegFrames()], ids=["mp4", "frames"])
def test_loader_processes_read_a_prepared_corpus(world, tmp_path, seed, form):
    assert prepared("webvid2m", world, tmp_path, form) == []
    half = (0.5, 0.5, 0.5)
    stream = TrainStream(
        {"webvid2m": load_corpus("webvid2m", "train", tmp_path)},
        num_frames=4,
        image_size=48,
        crop_scale=(0.8, 1.0),
        flip=False,
        mean=half,
        std=half,
        max_tokens=16,
        mlm_ratio=0.3,
        batch_size=8,
        seed=seed,
        vocab_ids=None,
    )
    for here, there in zip(stream.iterate(0, 2), stream.iterate(0, 2, workers=1), strict=True):
        assert all(path.endswith(form.suffix) for path in here.paths)
        assert here.video.shape == (8, 4, 3, 48, 48)
        assert (here.video == there.video).all()


def test_what_is_done_is_told_from_an_original_that_changed(tmp_path, rng):
    root, out = tmp_path / "data", tmp_path / "prepared"
    msvd(root, rng)
    assert prepared("msvd", root, out, Mp4()) == []
    jobs = make_jobs(read_splits("msvd", root).values(), root / "MSVD", out / "MSVD", Mp4())
    (job,) = jobs
    assert is_done(job)
    made = job.source.stat().st_mtime
    for change in (made + 5, made - 3600):  # edited, and replaced by an older file
        os.utime(job.source, (change, change))
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


def test_a_job_that_kills_its_process_is_found_and_the_others_are_done():
    assert dict(run_all(end_at_seven, range(20), 2)) == {
        number: None if number == 7 else number * number for number in range(20)
    }


def test_what_a_job_raises_ends_all():
    with pytest.raises(ValueError, match="no room for 5"):
        list(run_all(partial(fail_at, 5), range(1000), 2))
