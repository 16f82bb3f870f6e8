"""The miniature world's further corpora, and what sets DiDeMo, LSMDC and MSVD apart."""

import io
import json
import random
from collections import Counter
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest
from handwritten import coverage_of

from unify.config.corpora import CORPORA
from unify.config.world import WorldConfig
from unify.data.corpora import load_corpus, load_split
from unify.data.decoding import read_example
from unify.data.miniature.captions import caption
from unify.data.miniature.draw import draw_item
from unify.data.miniature.layouts import LAYOUTS, Item, didemo, hmdb51, lsmdc, msvd, ucf101
from unify.data.miniature.story import cast

NEW = ("didemo", "lsmdc", "msvd", "hmdb51", "ucf101")
RETRIEVAL = NEW[:3]
ACTIONS = NEW[3:]


@pytest.mark.parametrize(
    ("name", "split", "count"),
    [
        ("didemo", "train", 9),
        ("didemo", "val", 7),
        ("didemo", "test", 12),
        ("lsmdc", "train", 11),
        ("lsmdc", "val", 6),
        ("lsmdc", "test", 10),
        ("msvd", "train", 8),
        ("msvd", "val", 6),
        ("msvd", "test", 10),
        ("msvd", "test_one_caption", 10),
        ("hmdb51", "test_1", 12),
        ("hmdb51", "test_3", 12),
        ("ucf101", "test_2", 12),
    ],
)
def test_every_split_is_there_in_full(world, name, split, count):
    examples = load_split(name, split, world).examples
    assert len({example.key for example in examples}) == len(examples) == count
    assert coverage_of(name, split, world).whole


@pytest.mark.parametrize("name", RETRIEVAL)
def test_no_clip_is_in_two_splits(world, name):
    splits = [{e.key for e in load_corpus(name, s, world)} for s in ("train", "val", "test")]
    assert len(set.union(*splits)) == sum(map(len, splits))


@pytest.mark.parametrize(("folder", "name"), [(CORPORA[name].folder, name) for name in NEW])
def test_all_that_is_drawn_is_read_and_nothing_else_lies_there(world, world_config, folder, name):
    drawn = {item.path for item in LAYOUTS[folder](world_config, cast(world_config)).items}
    on_disk = {p.relative_to(world).as_posix() for p in (world / folder).rglob("*") if p.is_file()}
    texts = set(LAYOUTS[folder](world_config, cast(world_config)).files)
    assert on_disk == drawn | texts
    assert not drawn & texts
    if name in RETRIEVAL:
        read = [
            e.path for split in ("train", "val", "test") for e in load_corpus(name, split, world)
        ]
        assert {path.relative_to(world).as_posix() for path in read} == drawn


@pytest.mark.parametrize(("layout", "tests"), [(didemo, 12), (lsmdc, 10), (msvd, 10)])
def test_training_shows_no_held_out_pair_and_every_test_clip_does(world_config, layout, tests):
    actors = cast(world_config)
    items = layout.plan(world_config, actors).items
    for place, item in enumerate(items):
        pairs = frozenset().union(*(story.pairs for story in _stories(item)))
        assert bool(pairs & actors.held_out) == (place >= len(items) - tests), item.path


def test_a_clip_does_not_depend_on_how_many_others_there_are(world_config):
    sizes = ("didemo_train_videos", "lsmdc_val_clips", "msvd_test_clips", "hmdb51_clips_per_class")
    more = replace(world_config, **{name: getattr(world_config, name) + 2 for name in sizes})
    for layout in (didemo, lsmdc, msvd, hmdb51, ucf101):
        few, many = (
            {item.path: item for item in layout.plan(config, cast(config)).items}
            for config in (world_config, more)
        )
        assert few.items() <= many.items()


@pytest.mark.parametrize("suffix", [".avi", ".mov", ".3gp", ".m4v", "."])
def test_clips_of_any_container_are_drawn_byte_for_byte_again(world, world_config, suffix):
    items = [*_items("DiDeMo", world_config), *_items("UCF101", world_config)]
    item = next(item for item in items if item.path.endswith(suffix))
    assert draw_item(item, world_config) == (world / item.path).read_bytes()


def test_avi_is_mpeg4_in_avi_and_decodes_frame_by_frame(world, world_config):
    item = _items("MSVD", world_config)[0]
    with av.open(str(world / item.path)) as container:
        assert container.format.name == "avi"
        assert container.streams.video[0].codec_context.name == "mpeg4"
    (example,) = (e for e in load_corpus("msvd", "train", world) if world / item.path == e.path)
    same = read_example(example, lambda length: list(range(length)))
    h264 = _decoded(replace(item, path="clip.mp4"), world_config)
    assert same.shape == (world_config.frames, 3, world_config.side, world_config.side)
    assert np.abs(_frames(same) - h264).mean() < 4


def test_mov_and_3gp_are_what_their_names_say(world, world_config):
    for item in _items("DiDeMo", world_config):
        if item.path.endswith((".mov", ".3gp")):
            major = (world / item.path).read_bytes()[8:11]
            assert major == {".mov": b"qt ", ".3gp": b"3gp"}[item.path[-4:]]


# DiDeMo


def test_a_paragraph_tells_all_moments_of_its_video(world, world_config):
    stories = {Path(i.path).name: _stories(i) for i in _items("DiDeMo", world_config)}
    numbers = Counter(map(len, stories.values()))
    assert set(numbers) == {2, 3}
    for split in ("train", "val", "test"):
        for example in load_corpus("didemo", split, world):
            (paragraph,) = example.captions
            for story in stories[example.key]:
                assert all(actor.noun.name in paragraph for actor in story.actors)


def test_a_video_lasts_as_long_as_its_moments_and_shows_one_after_the_other(world, world_config):
    items = {world / item.path: item for item in _items("DiDeMo", world_config)}
    for example in load_corpus("didemo", "test", world):
        item = items[example.path]
        frames = _frames(read_example(example, lambda length: list(range(length))))
        count = len(_stories(item))
        assert len(frames) == count * world_config.frames
        corners = frames[:: world_config.frames, 0, 0]
        for one, other, corner, following in zip(
            _stories(item), item.then, corners, corners[1:], strict=False
        ):
            if one.background != other.background:
                assert np.abs(corner - following).max() > 8


def test_rows_are_those_of_the_real_file_and_some_videos_are_in_no_list(world):
    names = set()
    for split in ("train", "val", "test"):
        rows = json.loads((world / f"DiDeMo/{split}_data.json").read_text())
        listed = (world / f"DiDeMo/{split}_list.txt").read_text().split()
        described = {row["video"] for row in rows}
        assert described > set(listed)
        assert not any((world / "DiDeMo/videos" / name).exists() for name in described - {*listed})
        assert [row["annotation_id"] for row in rows] == list(range(1, len(rows) + 1))
        keys = {"num_segments", "description", "dl_link", "times", "video", "annotation_id"}
        assert all(row.keys() == keys for row in rows)
        assert all(0 <= one <= end < r["num_segments"] for r in rows for one, end in r["times"])
        names |= set(listed)
    extensions = {name.rpartition(".")[2] for name in names}
    assert {"mp4", "mov", "avi", ""} < extensions


def test_descriptions_of_a_video_lie_apart_and_not_always_in_the_order_of_time(seed):
    config = WorldConfig(seed=seed, nouns=12, didemo_train_videos=40)
    rows = json.loads(didemo.plan(config, cast(config)).files["DiDeMo/train_data.json"])
    order: dict[str, list[int]] = {}
    for row in rows:
        order.setdefault(row["video"], []).append(row["times"][0][0])
    assert any(moments != sorted(moments) for moments in order.values()), seed
    assert all(sorted(moments) == list(range(len(moments))) for moments in order.values())
    assert all(one["video"] != other["video"] for one, other in pairwise(rows))


def test_paragraphs_fit_in_the_text_encoder_of_the_mini_preset(seed):
    config = WorldConfig(seed=seed)
    texts: dict[str, list[str]] = {}
    for row in json.loads(didemo.plan(config, cast(config)).files["DiDeMo/test_data.json"]):
        texts.setdefault(row["video"], []).append(row["description"])
    assert max(len(" ".join(parts).split()) for parts in texts.values()) + 2 <= 48


# LSMDC


def test_captions_of_lsmdc_are_shorter_than_elsewhere(seed):
    config = WorldConfig(seed=seed)
    rows = lsmdc.plan(config, cast(config)).files["LSMDC/LSMDC16_annos_training.csv"].splitlines()
    brief = [len(row.split("\t")[5].split()) for row in rows]
    stories = [item.story for item in lsmdc.plan(config, cast(config)).items[:300]]
    rng = random.Random(seed)
    usual = [len(caption(rng, story, config.background_share).split()) for story in stories]
    assert np.mean(brief) < 0.75 * np.mean(usual)


def test_a_clip_id_comes_again_in_training_and_nowhere_else(world):
    captions = {
        s: [len(e.captions) for e in load_corpus("lsmdc", s, world)]
        for s in ("train", "val", "test")
    }
    assert Counter(captions["train"]) == {1: 9, 2: 2}
    assert set(captions["val"]) == set(captions["test"]) == {1}


def test_no_movie_is_in_two_splits(world):
    movies = [
        {e.path.parent.name for e in load_corpus("lsmdc", s, world)}
        for s in ("train", "val", "test")
    ]
    assert len(set.union(*movies)) == sum(map(len, movies))


def test_films_are_darker_and_have_bars_above_and_below(world, world_config):
    items = {world / item.path: item for item in _items("LSMDC", world_config)}
    for example in load_corpus("lsmdc", "test", world)[:4]:
        film = _frames(read_example(example, lambda length: list(range(length))))
        plain = _decoded(replace(items[example.path], film=False), world_config)
        side = world_config.side
        assert film[:, :3].max() < 40 and film[:, -3:].max() < 40
        assert film[:, side // 4 : -side // 4].mean() < plain[:, side // 4 : -side // 4].mean() - 4
        assert np.abs(film - plain).mean() > 15


# MSVD


def test_clips_of_msvd_have_many_captions_and_each_its_own_number(world, world_config):
    counts = [
        len(e.captions) for s in ("train", "val", "test") for e in load_corpus("msvd", s, world)
    ]
    most = world_config.msvd_captions
    assert most // 4 <= min(counts) < max(counts) <= most
    assert len(set(counts)) > 3
    one = load_corpus("msvd", "test_one_caption", world)
    every = load_corpus("msvd", "test", world)
    assert [e.captions for e in one] == [e.captions[:1] for e in every]


def test_the_descriptions_begin_with_comments(world):
    assert (world / "MSVD/AllVideoDescriptions.txt").read_text().startswith("# ")


def _items(folder: str, config: WorldConfig) -> list[Item]:
    return LAYOUTS[folder](config, cast(config)).items


def _stories(item: Item) -> tuple:
    return (item.story, *item.then)


def _frames(clip) -> np.ndarray:
    """(T, H, W, 3) of numbers that may be subtracted."""
    return clip.permute(0, 2, 3, 1).numpy().astype(int)


def _decoded(item: Item, config: WorldConfig) -> np.ndarray:
    with av.open(io.BytesIO(draw_item(item, config))) as container:
        return np.stack([f.to_ndarray(format="rgb24") for f in container.decode(video=0)]).astype(
            int
        )
