"""Clips of one frame and of 4K, and clips that change on disk while they are trained on."""

from pathlib import Path

import clip_files
import pytest
import torch

from unify.data.decoding import UnreadableClip, read_video
from unify.data.eval_loader import iterate_clips
from unify.data.example import Example
from unify.data.loader import TrainStream

MEAN = (0.5, 0.5, 0.5)
PIXELS = {"num_frames": 4, "image_size": 48, "mean": MEAN, "std": MEAN}
AHEAD = 3
"""Batches in which every clip comes once."""


def stream(examples: list[Example], seed: int, decoder: str = "av", **settings) -> TrainStream:
    return TrainStream(
        {"msrvtt": examples},
        **PIXELS,
        crop_scale=(0.8, 1.0),
        flip=False,
        max_tokens=12,
        mlm_ratio=0.3,
        seed=seed,
        vocab_ids=None,
        decoder=decoder,
        **{"batch_size": 2, **settings},
    )


def made(folder: Path, rng, count: int) -> list[Example]:
    """Examples with clips of their own."""
    examples = [Example(f"{k}", folder / f"{k}.mp4", ("a dog",)) for k in range(count)]
    for example in examples:
        clip_files.write(example.path, clip_files.noise(rng, 6))
    return examples


@pytest.mark.parametrize(("frames", "width", "height"), [(1, 96, 64), (1, 3840, 2160)])
def test_clips_of_one_frame_and_of_any_size_are_trained_and_tested_on(
    frames, width, height, tmp_path, decoder, rng, seed
):
    path = tmp_path / "clip.mp4"
    clip_files.write(path, clip_files.noise(rng, frames, width, height), preset="ultrafast")
    assert read_video(path, lambda length: [0, length - 1], decoder).shape[2:] == (height, width)
    clip = Example("clip", path, ("a dog",))
    batch = stream([clip], seed, decoder, batch_size=1).batch(0)
    (tested,) = iterate_clips([clip], 1, decoder=decoder, **PIXELS)
    for video in (batch.video, tested[0]):
        assert video.shape == (1, 4, 3, 48, 48) and torch.isfinite(video).all()
    assert (tested[0, 0] == tested[0, 0, :1]).all() or frames > 1


DAMAGES = {
    "deleted": lambda path: path.unlink(),
    "emptied": lambda path: path.write_bytes(b""),
    "cut": lambda path: path.write_bytes(path.read_bytes()[:-100]),
    "replaced by a text": lambda path: path.write_text("a text\n" * 99),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_clip_that_is_damaged_while_training_is_named_and_may_be_repaired(
    damage, tmp_path, rng, seed
):
    examples = made(tmp_path, rng, 2 * AHEAD)
    before = [stream(examples, seed).batch(step) for step in range(AHEAD)]
    training = stream(examples, seed).iterate(0, AHEAD)
    next(training)
    path = Path(before[1].paths[0])
    whole = path.read_bytes()
    damage(path)
    with pytest.raises(UnreadableClip) as told:
        list(training)
    assert str(told.value).startswith(f"{path} cannot be decoded: ")
    assert "run the same command, which goes on from the last checkpoint" in str(told.value)
    assert "\n" not in str(told.value)
    path.write_bytes(whole)
    again = list(stream(examples, seed).iterate(1, AHEAD))
    assert [batch.keys for batch in again] == [batch.keys for batch in before[1:]]
    for one, other in zip(again, before[1:], strict=True):
        assert torch.equal(one.video, other.video), seed


def test_with_a_share_allowed_a_damaged_clip_is_replaced_counted_and_logged(
    tmp_path, rng, seed, caplog
):
    examples = made(tmp_path, rng, 2 * AHEAD)
    training = stream(examples, seed, max_unreadable_share=0.2).iterate(0, AHEAD)
    next(training)
    path = Path(stream(examples, seed).batch(1).paths[0])
    path.unlink()
    batches = list(training)
    assert [batch.replaced for batch in batches] == [1, 0]
    assert str(path) not in batches[0].paths
    assert f"replaced {path}: there is no such file" in caplog.text


def test_another_clip_in_a_clips_place_is_the_corpus_from_then_on(tmp_path, rng, seed):
    """What lies there is read: no record of each clip's content is kept."""
    examples = made(tmp_path, rng, 2)
    one = stream(examples, seed).batch(0)
    clip_files.write(examples[0].path, clip_files.noise(rng, 9))
    other = stream(examples, seed).batch(0)
    assert one.keys == other.keys
    changed = one.keys.index("0")
    assert not torch.equal(one.video[changed], other.video[changed])
    assert torch.equal(one.video[1 - changed], other.video[1 - changed])
