"""Tar shards: clips are read from where they lie, what is damaged is named."""

import io
import json
import os
from pathlib import Path

import numpy as np
import pytest
import torch
import webdataset
from handwritten import clip, said, tar, write
from PIL import Image

from unify.data.corpora import load_corpus, read_split
from unify.data.decoding import UnreadableClip, read_example, read_video


def image(rng: np.random.Generator) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(rng.integers(0, 256, (8, 12, 3), np.uint8)).save(buffer, "PNG")
    return buffer.getvalue()


def told(**fields: object) -> bytes:
    return json.dumps(fields).encode()


@pytest.fixture
def clips(rng) -> list[bytes]:
    return [clip(rng) for _ in range(3)]


@pytest.fixture
def root(tmp_path, clips) -> Path:
    """WebVid as video2dataset writes it: a download that failed has its texts alone."""
    first = {
        "00000000.json": told(videoid=1, caption="A red bird", status="success"),
        "00000000.mp4": clips[0],
        "00000000.txt": b"A red bird",
        "00000001.json": told(videoid=2, caption="Gone", status="failed_to_download"),
        "00000001.txt": b"Gone",
        "00000002.m4a": b"sound",
        "00000002.mp4": clips[1],
        "00000002.txt": "Ein gr\u00fcner Vogel".encode(),
    }
    second = {"00010000.mp4": clips[2], "00010000.json": told(caption="Only JSON", name="Named")}
    return write(
        tmp_path,
        {"WebVid/shards/train/00000.tar": tar(first), "WebVid/shards/train/00001.tar": tar(second)},
    )


def test_samples_are_read_with_their_captions_and_failed_ones_are_missing(root):
    read = read_split("webvid2m", "train", root)
    assert said(read.examples) == {
        "00000/00000000": ("A red bird",),
        "00000/00000002": ("Ein gr\u00fcner Vogel",),
        "00001/00010000": ("Only JSON",),
    }
    assert [clip.key for clip in read.missing] == ["00000/00000001"]
    assert read.missing[0].place == root / "WebVid/shards/train/00000.tar/00000001"


@pytest.mark.parametrize("decoder", ["decord", "av"])
def test_a_clip_in_a_shard_decodes_as_the_file_would(root, clips, tmp_path, decoder):
    for number, example in enumerate(load_corpus("webvid2m", "train", root)):
        path = tmp_path / f"{number}.mp4"
        path.write_bytes(clips[number])
        frames = read_example(example, lambda length: [0, length - 1], decoder)
        assert torch.equal(frames, read_video(path, lambda length: [0, length - 1], decoder))


def test_images_in_shards_are_read(tmp_path, rng):
    pictures = [image(rng) for _ in range(2)]
    parts = {}
    for k, picture in enumerate(pictures):
        parts |= {f"00000000{k}.jpg": picture, f"00000000{k}.txt": f"image {k}".encode()}
    write(tmp_path, {"CC3M/shards/train/00000.tar": tar(parts)})
    for k, example in enumerate(load_corpus("cc3m", "train", tmp_path)):
        assert example.captions == (f"image {k}",)
        expected = np.asarray(Image.open(io.BytesIO(pictures[k])))
        assert (read_example(example, lambda n: [0])[0].permute(1, 2, 0).numpy() == expected).all()


def test_subtitles_and_thumbnails_of_a_sample_are_not_its_clip(tmp_path, clips, rng):
    picture = image(rng)
    parts = {"a.en.vtt": b"WEBVTT", "a.jpg": picture, "a.mp4": clips[0], "a.txt": b"A bird"}
    parts |= {"b.jpg": picture, "b.en.vtt": b"WEBVTT", "b.txt": b"No clip"}
    write(
        tmp_path, {"WebVid/shards/train/0.tar": tar(parts), "CC3M/shards/train/0.tar": tar(parts)}
    )
    read = read_split("webvid2m", "train", tmp_path)
    assert [clip.member.name for clip in read.examples] == ["a.mp4"]
    assert [clip.key for clip in read.missing] == ["0/b"]
    images = read_split("cc3m", "train", tmp_path).examples
    assert [clip.member.name for clip in images] == ["a.jpg", "b.jpg"]


def test_shards_written_by_webdataset_itself_are_read(tmp_path, rng):
    folder = tmp_path / "WebVid" / "shards" / "val"
    folder.mkdir(parents=True)
    with webdataset.TarWriter(str(folder / "0.tar")) as writer:
        for k in range(3):
            writer.write({"__key__": f"clip{k}", "mp4": clip(rng), "txt": f"text {k}"})
    examples = load_corpus("webvid2m", "val", tmp_path)
    streamed = webdataset.WebDataset(str(folder / "0.tar"), shardshuffle=False)
    for example, sample in zip(examples, streamed, strict=True):
        assert example.captions == (sample["txt"].decode(),)
        with example.path.open("rb") as file:
            file.seek(example.member.start)
            assert file.read(example.member.size) == sample["mp4"]


def test_a_user_names_the_shards_and_the_field_of_the_caption(root):
    for folder in ("", f"{root}/WebVid/"):
        mine = f'[train]\nshards = "{folder}shards/train/*1.tar"\ncaption = "name"'
        write(root, {"WebVid/columns.toml": mine})
        assert said(load_corpus("webvid2m", "train", root)) == {"00001/00010000": ("Named",)}


def test_shards_are_indexed_once_and_again_when_they_change(root, rng):
    before = said(load_corpus("webvid2m", "train", root))
    shard = root / "WebVid/shards/train/00001.tar"
    stat = shard.stat()
    shard.write_bytes(bytes(stat.st_size))  # what the index is for cannot be read any more
    os.utime(shard, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert said(load_corpus("webvid2m", "train", root)) == before
    shard.write_bytes(tar({"a.mp4": clip(rng), "a.txt": b"Another"}))
    assert said(load_corpus("webvid2m", "train", root))["00001/a"] == ("Another",)


@pytest.mark.parametrize("index", [b"", b"{", b"[]", b'{"origin": 3}'])
def test_a_damaged_index_is_made_anew(root, index):
    before = said(load_corpus("webvid2m", "train", root))
    (root / "WebVid/shards/train/.index/00000.json").write_bytes(index)
    assert said(load_corpus("webvid2m", "train", root)) == before


def test_a_folder_that_cannot_be_written_only_costs_time(root, caplog):
    (root / "WebVid/shards/train/.index").write_text("a file in the index's place")
    assert len(load_corpus("webvid2m", "train", root)) == 3
    assert "is indexed each time" in caplog.text


def test_a_shard_that_is_cut_anywhere_is_named(root):
    shard = root / "WebVid/shards/train/00001.tar"
    whole = shard.read_bytes()
    end = len(whole.rstrip(b"\0"))
    for length in (0, 100, 700, end - 100, end, 512 * (end // 512) + 512):
        shard.write_bytes(whole[:length])
        with pytest.raises(ValueError, match=r"00001\.tar is no whole tar file") as told:
            load_corpus("webvid2m", "train", root)
        assert "\n" not in str(told.value)


@pytest.mark.parametrize(
    "content",
    [
        b"not a tar file" * 99,
        b"\x1f\x8b\x08" + b"\0" * 600,
        tar({"a.mp4": b"x", "a.txt": b"\xff\xfe"}),
        tar({"a.mp4": b"x", "a.json": b"{"}),
        tar({"a.mp4": b"x", "a.json": b"[]"}),
        tar({"a.mp4": b"x", "a.MP4": b"x", "a.txt": b"twice"}),
    ],
)
def test_what_is_no_shard_is_named(root, content):
    write(root, {"WebVid/shards/train/00001.tar": content})
    with pytest.raises(ValueError, match=r"00001\.tar is no whole tar file of samples \(.+\)"):
        load_corpus("webvid2m", "train", root)


def test_a_clip_that_its_shard_lost_after_indexing_is_unreadable(root):
    *_, example = load_corpus("webvid2m", "train", root)
    os.truncate(example.path, example.member.start + 10)
    with pytest.raises(UnreadableClip, match=r"00001\.tar/00010000\.mp4.*cut short"):
        read_example(example, lambda length: [0])
