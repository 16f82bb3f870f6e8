"""One crop for all frames of a clip; values as torchvision would have them."""

import numpy as np
import pytest
import torch
from torchvision.transforms.v2 import functional as reference

from unify.data.transforms import TrainTransform, eval_transform, normalise, random_box


@pytest.fixture
def clip(seed: int) -> torch.Tensor:
    noise = torch.randint(0, 256, (3, 40, 56, 3), generator=torch.Generator().manual_seed(seed))
    return noise.to(torch.uint8).permute(0, 3, 1, 2)


def test_all_frames_get_the_same_crop_and_flip(clip, rng):
    same = clip[:1].expand(5, -1, -1, -1)
    for _ in range(10):
        out = TrainTransform(size=24, scale=(0.3, 1.0), flip=True)(same, rng)
        assert out.shape == (5, 3, 24, 24) and out.dtype == torch.uint8
        assert (out == out[:1]).all()


def test_the_crop_equals_torchvisions_resized_crop(clip, seed):
    transform = TrainTransform(size=24, scale=(0.3, 1.0), flip=False)
    out = transform(clip, np.random.default_rng(seed))
    box = random_box(40, 56, (0.3, 1.0), np.random.default_rng(seed))
    expected = reference.resized_crop(clip, *box, size=[24, 24], antialias=True)
    assert (out.int() - expected.int()).abs().max() <= 1, seed


def test_half_of_the_clips_are_mirrored_and_none_without_flip(clip, rng):
    square = clip[..., :40]
    whole = eval_transform(square, 40)
    for flip, low, high in ((True, 60, 140), (False, 0, 0)):
        transform = TrainTransform(size=40, scale=(1.0, 1.0), flip=flip)
        outs = [transform(square, rng) for _ in range(200)]
        mirrored = sum(bool((out == whole.flip(-1)).all()) for out in outs)
        assert low <= mirrored <= high


def test_boxes_have_the_area_asked_for(rng, seed):
    for _ in range(200):
        height, width = (int(n) for n in rng.integers(30, 200, 2))
        top, left, h, w = random_box(height, width, (0.4, 0.6), rng)
        assert 0 <= top <= height - h and 0 <= left <= width - w, seed
        if 3 / 4 < width / height < 4 / 3:
            assert 0.35 < h * w / (height * width) < 0.65, seed


def test_the_test_crop_is_the_middle_square(clip):
    assert (eval_transform(clip, 40) == clip[..., 8:48]).all()
    half = eval_transform(clip, 20)
    expected = reference.resize(clip[..., 8:48], [20, 20], antialias=True)
    assert (half.int() - expected.int()).abs().max() <= 1


def test_normalising_is_torchvisions(clip):
    mean, std = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
    out = normalise(torch.stack([clip, clip]), mean, std)
    expected = reference.normalize(clip.float() / 255, mean, std)
    assert out.shape == (2, 3, 3, 40, 56) and out.is_contiguous()
    torch.testing.assert_close(out[1], expected)
