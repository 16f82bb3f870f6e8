"""Batches are a pure function of the seed and the step."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from unify.data.corpora import load_corpus
from unify.data.decoding import UnreadableClip, read_video
from unify.data.eval_loader import iterate_clips, iterate_texts
from unify.data.example import Example
from unify.data.loader import Batch, TrainStream
from unify.data.sampling import eval_indices
from unify.data.tokens import MASK, PAD, shared_tokenizer, used_entries
from unify.data.transforms import eval_transform, normalise

HALF = (0.5, 0.5, 0.5)


@pytest.fixture(scope="module")
def corpora(world: Path) -> dict[str, list[Example]]:
    return {
        "msrvtt": load_corpus("msrvtt", "train_9k", world),
        "cc3m": load_corpus("cc3m", "train", world),
    }


@pytest.fixture
def settings(corpora, seed) -> dict:
    captions = [c for examples in corpora.values() for e in examples for c in e.captions]
    return {
        "num_frames": 4,
        "image_size": 48,
        "crop_scale": (0.8, 1.0),
        "flip": False,
        "mean": HALF,
        "std": HALF,
        "max_tokens": 40,
        "mlm_ratio": 0.3,
        "batch_size": 8,
        "seed": seed,
        "vocab_ids": used_entries(captions),
    }


def assert_same(a: Batch, b: Batch) -> None:
    for name, value in vars(a).items():
        other = getattr(b, name)
        same = torch.equal(value, other) if isinstance(value, torch.Tensor) else value == other
        assert same, (name, a.step)


def broken(examples: list[Example], count: int, tmp_path: Path) -> list[Example]:
    """The examples, some of them with a path that is no video."""
    path = tmp_path / "broken.mp4"
    path.write_text("no video")
    paths = [path.with_name(f"{k}.mp4") for k in range(count)]
    for one in paths:
        one.write_text("no video")
    spoilt = [replace(e, path=p) for e, p in zip(examples, paths, strict=False)]
    return spoilt + examples[count:]


def test_a_batch_holds_what_it_says(corpora, settings):
    stream = TrainStream(corpora, **settings)
    for step, name, frames in ((0, "msrvtt", 4), (1, "cc3m", 1), (2, "msrvtt", 4)):
        batch = stream.batch(step)
        assert (batch.step, batch.corpus, batch.replaced) == (step, name, 0)
        assert batch.video.shape == (8, frames, 3, 48, 48) and batch.video.dtype == torch.float32
        assert batch.ids.shape == batch.mask.shape == batch.masked_ids.shape
        assert torch.equal(batch.mask, batch.ids != PAD) and batch.mask.any(0).all()
        by_key = {example.key: example for example in corpora[name]}
        for row, (key, path) in enumerate(zip(batch.keys, batch.paths, strict=True)):
            assert str(by_key[key].path) == path
            rows = shared_tokenizer().rows(by_key[key].captions)
            assert batch.ids[row][batch.mask[row]].tolist() in rows


def test_masks_touch_chosen_words_only(corpora, settings):
    batch = TrainStream(corpora, **settings).batch(0)
    chosen = torch.zeros(batch.ids.numel(), dtype=torch.bool)
    chosen[batch.mlm_places] = True
    assert chosen.any() and (batch.masked_ids == MASK).any()
    assert torch.equal(batch.mlm_words, batch.ids.flatten()[chosen])
    chosen = chosen.view_as(batch.ids)
    assert torch.equal(batch.masked_ids[~chosen], batch.ids[~chosen])
    assert batch.mask[chosen].all()


def test_any_step_can_be_read_at_any_time(corpora, settings):
    forward = list(TrainStream(corpora, **settings).iterate(0, 9))
    other = TrainStream(corpora, **settings)
    for step in (7, 0, 8, 3):
        assert_same(other.batch(step), forward[step])


def test_loader_processes_yield_the_batches_of_none(corpora, settings):
    stream = TrainStream(corpora, **settings)
    for batch, other in zip(stream.iterate(3, 9, 2), stream.iterate(3, 9), strict=True):
        assert_same(batch, other)


def test_ranks_together_read_the_batch_of_one_process(corpora, settings):
    whole = TrainStream(corpora, **settings)
    ranks = [TrainStream(corpora, **settings, rank=r, world_size=2) for r in range(2)]
    for step in range(4):
        parts, batch = [rank.batch(step) for rank in ranks], whole.batch(step)
        for name, value in vars(batch).items():
            shares = [getattr(part, name) for part in parts]
            if name in ("places", "mlm_places"):  # in the flattened ids of each
                shares[1] = shares[1] + parts[0].ids.numel()
            if isinstance(value, torch.Tensor):
                assert torch.equal(torch.cat(shares), value), name
            elif isinstance(value, tuple):
                assert shares[0] + shares[1] == value


def test_an_epoch_shows_every_clip_once_in_a_new_order(corpora, settings):
    settings["batch_size"] = 5
    stream = TrainStream({"msrvtt": corpora["msrvtt"]}, **settings)
    epochs = [[k for batch in stream.iterate(e * 4, e * 4 + 4) for k in batch.keys] for e in (0, 1)]
    keys = [example.key for example in corpora["msrvtt"]]
    assert sorted(epochs[0]) == sorted(epochs[1]) == sorted(keys)
    assert epochs[0] != epochs[1]


def test_what_fills_no_batch_is_another_part_each_epoch(corpora, settings):
    settings["batch_size"] = 15
    stream = TrainStream({"msrvtt": corpora["msrvtt"]}, **settings)
    seen = Counter(key for batch in stream.iterate(0, 12) for key in batch.keys)
    assert len(seen) == 20
    assert all(len(set(stream.batch(step).keys)) == 15 for step in range(4))


def test_captions_and_crops_change_between_epochs(corpora, settings):
    settings["batch_size"] = 20
    stream = TrainStream({"msrvtt": corpora["msrvtt"]}, **settings)
    first, second = (
        {key: (ids, clip) for key, ids, clip in zip(b.keys, _texts(b), b.video, strict=True)}
        for b in stream.iterate(0, 2)
    )
    assert any(first[key][0] != second[key][0] for key in first)
    assert all(not torch.equal(first[key][1], second[key][1]) for key in first)


def test_another_seed_gives_other_batches(corpora, settings):
    first = TrainStream(corpora, **settings).batch(0)
    other = TrainStream(corpora, **settings | {"seed": settings["seed"] + 1}).batch(0)
    assert first.keys != other.keys


def test_an_unreadable_clip_stops_the_run_and_is_named(corpora, settings, tmp_path):
    spoilt = {"msrvtt": broken(corpora["msrvtt"], 20, tmp_path)}
    stream = TrainStream(spoilt, **settings)
    with pytest.raises(UnreadableClip, match=str(tmp_path)):
        stream.batch(0)
    with pytest.raises(UnreadableClip, match=str(tmp_path)):
        next(stream.iterate(0, 1, workers=1))


def test_unreadable_clips_are_replaced_alike_on_all_ranks(corpora, settings, tmp_path):
    settings |= {"max_unreadable_share": 0.1, "batch_size": 4}
    spoilt = {"msrvtt": broken(corpora["msrvtt"], 2, tmp_path)}
    whole = TrainStream(spoilt, **settings)
    ranks = [TrainStream(spoilt, **settings, rank=r, world_size=2) for r in range(2)]
    replaced = 0
    for step in range(5):
        batch, parts = whole.batch(step), [rank.batch(step) for rank in ranks]
        for name in ("video", "ids", "masked_ids", "mlm_words"):
            assert torch.equal(
                torch.cat([getattr(p, name) for p in parts]), getattr(batch, name)
            ), name
        assert sum(part.replaced for part in parts) == batch.replaced
        assert len(set(batch.keys)) == 4 and str(tmp_path) not in "".join(batch.paths)
        replaced += batch.replaced
    assert replaced == 2


def test_more_unreadable_clips_than_allowed_stop_the_run(corpora, settings, tmp_path):
    settings["max_unreadable_share"] = 0.1
    spoilt = {"msrvtt": broken(corpora["msrvtt"], 16, tmp_path)}
    with pytest.raises(UnreadableClip):
        list(TrainStream(spoilt, **settings).iterate(0, 4))


def test_what_was_unreadable_still_counts_when_a_training_is_resumed(corpora, settings, tmp_path):
    settings |= {"max_unreadable_share": 0.5, "batch_size": 4}
    spoilt = {"msrvtt": broken(corpora["msrvtt"], 5, tmp_path)}
    whole, begun, resumed = (TrainStream(spoilt, **settings) for _ in range(3))
    assert len(list(whole.iterate(0, 10))) == 10
    assert len(list(begun.iterate(0, 3))) == 3
    resumed.unreadable.add_record(begun.unreadable.record())
    assert len(list(resumed.iterate(3, 10))) == 7
    assert resumed.unreadable.record() == whole.unreadable.record()
    assert 0 < begun.unreadable.rows < whole.unreadable.rows


def test_a_corpus_smaller_than_the_batch_is_refused(corpora, settings):
    settings["batch_size"] = 24
    with pytest.raises(ValueError, match="corpus msrvtt has 20 examples"):
        TrainStream(corpora, **settings)


def test_a_batch_that_does_not_divide_among_processes_is_refused(corpora, settings):
    with pytest.raises(ValueError, match="does not divide among 3"):
        TrainStream(corpora, **settings, world_size=3)


def test_moving_a_batch_moves_every_tensor(corpora, settings):
    moved = TrainStream(corpora, **settings).batch(0).to(torch.device("meta"))
    tensors = [value for value in vars(moved).values() if isinstance(value, torch.Tensor)]
    assert len(tensors) == 7 and all(tensor.is_meta for tensor in tensors)


def test_test_clips_come_in_order_with_their_middle_frames(world):
    examples = load_corpus("msrvtt", "test_1ka", world)
    clips = torch.cat(
        list(iterate_clips(examples, 8, num_frames=4, image_size=48, mean=HALF, std=HALF))
    )
    assert clips.shape == (30, 1, 4, 3, 48, 48)
    frames = read_video(examples[11].path, lambda length: eval_indices(length, 4))
    expected = normalise(eval_transform(frames, 48)[None], HALF, HALF)[0]
    assert torch.equal(clips[11, 0], expected)


def test_several_sets_of_frames_of_a_test_clip_are_shifted_evenly(world):
    examples = load_corpus("msrvtt", "test_1ka", world)[:3]
    settings = {"num_frames": 2, "image_size": 48, "mean": HALF, "std": HALF}
    (sets,) = iterate_clips(examples, 8, num_clips=2, **settings)
    assert sets.shape == (3, 2, 2, 3, 48, 48)
    indices = [[1, 9], [5, 13]]  # 16 frames: quarters and three quarters of both halves
    for shift, wanted in enumerate(indices):
        frames = read_video(examples[1].path, lambda length, wanted=wanted: wanted)
        assert torch.equal(sets[1, shift], normalise(eval_transform(frames, 48), HALF, HALF))


def test_test_clips_are_the_same_whoever_decodes_them(world):
    examples = load_corpus("msrvtt", "test_1ka", world)[:5]
    settings = {"num_frames": 2, "image_size": 48, "mean": HALF, "std": HALF}
    here, there = (
        list(iterate_clips(examples, 2, workers=workers, **settings)) for workers in (0, 1)
    )
    assert [len(batch) for batch in there] == [2, 2, 1]
    assert all(torch.equal(a, b) for a, b in zip(here, there, strict=True))


@pytest.mark.parametrize("workers", [0, 1])
def test_a_damaged_test_clip_is_named_with_the_way_out(world, tmp_path, workers):
    damaged = replace(load_corpus("msrvtt", "test_1ka", world)[0], path=tmp_path / "text.mp4")
    damaged.path.write_text("no video")
    settings = {"num_frames": 2, "image_size": 48, "mean": HALF, "std": HALF}
    with pytest.raises(ValueError, match=r"text\.mp4 cannot be decoded.*incomplete=true"):
        list(iterate_clips([damaged], 2, workers=workers, **settings))


def test_all_texts_come_in_order(corpora):
    texts = [caption for example in corpora["msrvtt"] for caption in example.captions]
    rows = []
    for ids, mask in iterate_texts(texts, 7, max_tokens=40):
        assert len(ids) == len(mask) <= 7
        rows += [row[kept].tolist() for row, kept in zip(ids, mask, strict=True)]
    assert rows == shared_tokenizer().rows(texts)


def _texts(batch: Batch) -> list[list[int]]:
    return [row[kept].tolist() for row, kept in zip(batch.ids, batch.mask, strict=True)]
