"""Decoded frames are the right ones; what cannot be decoded says so."""

import pickle
from pathlib import Path

import av
import numpy as np
import pytest
import torch
from PIL import Image

from unify.data.corpora import load_corpus
from unify.data.decoding import (
    UnreadableClip,
    read_example,
    read_image,
    read_video,
)
from unify.data.miniature.media import encode_clip
from unify.data.sampling import eval_indices, train_indices


def sequential(path: Path) -> np.ndarray:
    """All frames, in the plainest way."""
    with av.open(str(path)) as container:
        return np.stack([f.to_ndarray(format="rgb24") for f in container.decode(video=0)])


def clip_of(rng: np.random.Generator, frames: int, side: int = 64) -> bytes:
    """A clip whose frames all differ."""
    steps = np.linspace(0, 255, frames)[:, None, None, None]
    return encode_clip(
        ((steps + rng.integers(0, 30, (frames, side, side, 3))) % 256).astype(np.uint8), 8, 10
    )


@pytest.mark.parametrize("decoder", ["decord", "av"])
def test_frames_equal_those_of_sequential_decoding(world, rng, seed, decoder):
    for example in load_corpus("webvid2m", "train", world)[:10]:
        wanted = sorted(int(k) for k in rng.integers(0, 16, 4))
        frames = read_example(example, lambda length, wanted=wanted: wanted, decoder)
        expected = torch.from_numpy(sequential(example.path)[wanted]).permute(0, 3, 1, 2)
        assert (frames.int() - expected.int()).abs().max() <= 2, (seed, wanted)


@pytest.mark.parametrize("decoder", ["decord", "av"])
def test_the_frames_wanted_are_those_of_decoding_one_after_the_other(tmp_path, rng, seed, decoder):
    path = tmp_path / "large.mp4"
    path.write_bytes(clip_of(rng, 50, side=160))
    wanted = sorted(int(k) for k in rng.integers(0, 50, 4))
    frames = read_video(path, lambda length: wanted, decoder)
    expected = torch.from_numpy(sequential(path)[wanted]).permute(0, 3, 1, 2)
    assert (frames.int() - expected.int()).abs().max() <= 2, (seed, wanted)


@pytest.mark.parametrize("decoder", ["decord", "av"])
@pytest.mark.parametrize("length", [1, 2, 3])
def test_clips_shorter_than_wanted_repeat_frames(tmp_path, rng, decoder, length):
    path = tmp_path / "short.mp4"
    path.write_bytes(clip_of(rng, length))
    for choose in (eval_indices, lambda n, t: train_indices(n, t, rng)):
        frames = read_video(path, lambda n, choose=choose: choose(n, 4), decoder)
        assert frames.shape == (4, 3, 64, 64)
        assert (frames[0] == frames[4 // length - 1]).all()


def test_an_image_is_a_clip_of_one_frame(world):
    example = load_corpus("cc3m", "train", world)[0]
    frame = read_example(example, lambda length: [0, 0])
    assert frame.shape == (1, 3, 64, 64)
    assert (frame[0].permute(1, 2, 0).numpy() == np.asarray(Image.open(example.path))).all()


def test_gray_images_get_three_channels(tmp_path):
    Image.new("L", (10, 12), 7).save(tmp_path / "gray.png")
    assert read_image(tmp_path / "gray.png").shape == (1, 3, 12, 10)


@pytest.mark.parametrize("name", ["clip.mp4", "clip.avi", "image.jpg"])
@pytest.mark.parametrize(
    ("content", "why"),
    [(None, "no such file"), (b"", "is empty"), (b"not a video\n" * 9000, "cannot be decoded")],
)
def test_what_is_no_clip_is_named_with_what_to_do(tmp_path, name, content, why):
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UnreadableClip, match=why) as caught:
        read_image(path) if name.endswith("jpg") else read_video(path, lambda length: [0])
    assert str(path) in str(caught.value)
    assert "download it again" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_error_travels_between_processes():
    error = pickle.loads(pickle.dumps(UnreadableClip(Path("a.mp4"), "why")))
    assert (error.path, error.why) == (Path("a.mp4"), "why")
