"""The miniature world: repeatable, made whole or not at all, and never in a stranger's folder."""

import json
import multiprocessing
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from unify.config.world import WorldConfig
from unify.data.miniature import ensure_world, make_world, verify_world
from unify.data.miniature.captions import caption
from unify.data.miniature.layouts import LAYOUTS, msrvtt, webvid
from unify.data.miniature.manifest import NAME, read_manifest
from unify.data.miniature.scene import place
from unify.data.miniature.sprites import SHEETS, all_nouns, draw_sprite
from unify.data.miniature.story import MOTIONS, cast
from unify.data.miniature.world import FOLDERS


@pytest.fixture
def copied(world: Path, tmp_path: Path) -> Path:
    """A world that may be damaged."""
    return Path(shutil.copytree(world, tmp_path / "world"))


def test_two_workers_draw_the_files_that_one_draws(world_config, tmp_path):
    config = replace(world_config, labelled_images=250)
    roots = [make_world(config, tmp_path / str(n), workers=n) for n in (1, 2)]
    first, second = (read_manifest(root) for root in roots)
    assert first == second
    assert first["media"]["counts"]["ImageNet21K"] == 250


def test_another_seed_draws_another_world(world, world_config, tmp_path):
    other = make_world(replace(world_config, seed=world_config.seed + 1), tmp_path / "w", workers=1)
    assert read_manifest(other)["media"]["sha256"] != read_manifest(world)["media"]["sha256"]


def test_a_clip_does_not_depend_on_how_many_others_there_are(world_config):
    more = replace(world_config, webvid_clips=world_config.webvid_clips + 3)
    plans = [webvid.plan(config, cast(config)).items for config in (world_config, more)]
    count = world_config.webvid_clips
    assert plans[0][:count] == plans[1][:count]


def test_a_world_that_is_there_is_not_made_again(world, world_config):
    before = (world / NAME).stat().st_mtime_ns
    assert ensure_world(world_config, world) == world
    assert (world / NAME).stat().st_mtime_ns == before
    verify_world(world)


def test_finding_a_world_imports_nothing_heavy(world, world_config):
    code = (
        "import sys; from pathlib import Path; from unify.data.miniature import ensure_world\n"
        "from unify.config.world import WorldConfig\n"
        f"ensure_world({world_config!r}, Path({str(world)!r}))\n"
        "assert not {'torch', 'av', 'numpy', 'PIL'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_world_of_another_config_is_made_anew(copied, world_config):
    config = replace(world_config, labelled_images=5)
    ensure_world(config, copied, workers=1)
    assert len(list((copied / "ImageNet21K" / "images").iterdir())) == 5
    assert {path.name for path in copied.parent.iterdir()} == {"world", ".world.lock"}


@pytest.mark.parametrize("lost", [NAME, "WebVid/metadata/results_2M_val.csv", "CC3M/training"])
def test_a_damaged_world_is_made_anew(copied, world, world_config, lost):
    target = copied / lost
    shutil.rmtree(target) if target.is_dir() else target.unlink()
    ensure_world(world_config, copied, workers=1)
    verify_world(copied)
    assert read_manifest(copied) == read_manifest(world)


def test_a_world_with_a_cut_clip_is_made_anew(copied, world, world_config):
    clip = next((copied / "MSRVTT" / "videos" / "all").iterdir())
    clip.write_bytes(clip.read_bytes()[:100])
    ensure_world(world_config, copied, workers=1)
    verify_world(copied)


def test_an_interrupted_making_leaves_nothing_half_done(tmp_path, world_config):
    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt

    root = tmp_path / "world"
    with pytest.raises(KeyboardInterrupt):
        ensure_world(world_config, root, workers=1, progress=stop)
    assert not root.exists()
    ensure_world(world_config, root, workers=1)
    verify_world(root)


def test_verifying_names_a_changed_file(copied):
    clip = next((copied / "MSRVTT" / "videos" / "all").iterdir())
    clip.write_bytes(clip.read_bytes()[:-1])
    with pytest.raises(ValueError, match="media files"):
        verify_world(copied)
    (copied / "CC3M" / "Train_GCC-training.tsv").write_text("other")
    with pytest.raises(ValueError, match=r"Train_GCC-training\.tsv: missing or changed"):
        verify_world(copied)


def test_a_strangers_folder_is_refused(tmp_path, world_config):
    (tmp_path / "thesis.tex").write_text("years of work")
    with pytest.raises(ValueError, match=r"thesis\.tex"):
        ensure_world(world_config, tmp_path)
    assert (tmp_path / "thesis.tex").read_text() == "years of work"


def test_a_strangers_file_inside_a_stale_world_is_kept(copied, world_config):
    (copied / "notes.txt").write_text("mine")
    with pytest.raises(ValueError, match=r"notes\.txt"):
        ensure_world(replace(world_config, seed=world_config.seed + 1), copied)
    assert (copied / "notes.txt").read_text() == "mine"


def test_two_processes_at_once_make_one_world(tmp_path, world_config):
    context = multiprocessing.get_context("spawn")
    with context.Pool(2) as pool:
        made = pool.starmap(_make_and_count, [(world_config, tmp_path / "world")] * 2)
    assert sorted(bool(count) for count in made) == [False, True]


def _make_and_count(config: WorldConfig, root: Path) -> int:
    calls = []
    ensure_world(config, root, workers=1, progress=lambda done, total: calls.append(done))
    return len(calls)


def test_training_shows_no_held_out_pair_and_every_test_clip_does(world_config):
    actors = cast(world_config)
    for layout in (webvid, msrvtt):
        for item in layout.plan(world_config, actors).items:
            number = int(item.path.rsplit("video", 1)[-1].removesuffix(".mp4").rsplit("/", 1)[-1])
            first_test = world_config.msrvtt_train_clips + world_config.msrvtt_val_clips
            is_test = layout is msrvtt and number >= first_test
            assert bool(item.story.pairs & actors.held_out) == is_test, item.path


def test_no_two_test_clips_tell_the_same(world_config):
    config = replace(world_config, nouns=3, msrvtt_test_clips=20)
    items = msrvtt.plan(config, cast(config)).items[-20:]
    assert len({frozenset(item.story.actors) for item in items}) == 20


def test_only_time_tells_the_twins_of_the_test_set_apart(world_config):
    items = msrvtt.plan(world_config, cast(world_config)).items[-world_config.msrvtt_test_clips :]
    stories = [item.story for item in items]
    for one, other in zip(stories[::2], stories[1::2], strict=True):
        assert {actor.noun for actor in one.actors} == {actor.noun for actor in other.actors}
        assert one.background == other.background
        assert frozenset(one.actors) != frozenset(other.actors)


def test_a_test_set_that_the_held_out_pairs_cannot_fill_is_refused(world_config):
    config = replace(world_config, nouns=2, msrvtt_test_clips=4000)
    with pytest.raises(ValueError, match=r"held-out pairs.*msrvtt_test_clips"):
        msrvtt.plan(config, cast(config))


def test_every_noun_and_motion_is_learnt_somewhere(seed):
    actors = cast(WorldConfig(seed=seed))
    nouns = [noun for noun, _ in actors.held_out]
    assert len(nouns) == len(set(nouns)) == 192
    assert {motion for _, motion in actors.held_out} == set(MOTIONS)


def test_the_unseen_style_shows_the_first_test_clips(world_config):
    actors = cast(world_config)
    styled = LAYOUTS["MSRVTT-unseen-style"](world_config, actors).items
    tests = msrvtt.plan(world_config, actors).items[-world_config.msrvtt_test_clips :]
    assert [(i.story, i.seed) for i in styled] == [(i.story, i.seed) for i in tests[: len(styled)]]
    assert {item.style for item in styled} == {"noto"}


def test_things_stay_in_view_and_apart(seed, world_config):
    overlaps = 0
    items = [item for item in msrvtt.plan(world_config, cast(world_config)).items]
    for item in items:
        scene = place(item.story, 16, 64, np.random.default_rng(item.seed))
        for track in scene.tracks:
            for centre in (track.x, track.y):
                assert (centre - track.size / 2).min() > -0.01, (seed, item)
                assert (centre + track.size / 2).max() < 64.01, (seed, item)
        if len(scene.tracks) == 2:
            a, b = scene.tracks
            apart = np.maximum(abs(a.x - b.x), abs(a.y - b.y)) * 2 / (a.size + b.size)
            overlaps += apart.min() < 0.7
    assert overlaps <= 0.05 * len(items), seed


def test_every_noun_has_a_sprite_in_both_styles_and_words_of_its_own():
    nouns = all_nouns()
    assert len({frozenset(noun.name.split()) for noun in nouns}) == len(nouns)
    for style in SHEETS:
        for noun in nouns:
            assert draw_sprite.__wrapped__(style, noun.sprite, 24, 0).getextrema()[3][1] > 200


def test_captions_name_every_thing_that_is_shown(world_config):
    import random

    for item in msrvtt.plan(world_config, cast(world_config)).items:
        text = caption(random.Random(item.seed), item.story, 1.0)
        assert all(actor.noun.name in text for actor in item.story.actors)
        assert item.story.background in text


def test_too_many_nouns_are_refused():
    with pytest.raises(ValueError, match="nouns=5000"):
        cast(WorldConfig(nouns=5000))


def test_the_manifest_tells_what_a_world_holds(world, world_config):
    found = json.loads((world / NAME).read_text())
    assert found["config"]["seed"] == world_config.seed
    assert len(found["nouns"]) == world_config.nouns
    assert set(found["media"]["counts"]) | {"Books"} == set(FOLDERS) == set(LAYOUTS)
