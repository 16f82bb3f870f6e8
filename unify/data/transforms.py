"""Clips as the model wants them: one crop for all frames of a clip, then one scale of values."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import interpolate

ASPECT = (3 / 4, 4 / 3)
"""Range of a random crop's width over height (torchvision's, which Frozen in Time uses)."""
TRIES = 10
"""Crops drawn before the largest middle crop is taken, as in torchvision."""

Box = tuple[int, int, int, int]
"""Top, left, height and width in pixels."""


@dataclass(frozen=True, kw_only=True)
class TrainTransform:
    """A random crop, resized, and mirrored half of the time where `flip` is set.

    Frozen in Time crops half to all of the area and mirrors; its colour jitter has strength zero.
    Mirroring makes captions that say left or right wrong.
    """

    size: int
    """Side of the result in pixels."""
    scale: tuple[float, float]
    """Range of the crop's share of the area."""
    flip: bool

    def __call__(self, clip: Tensor, rng: np.random.Generator) -> Tensor:
        """uint8 (T, 3, H, W) to uint8 (T, 3, size, size)."""
        box = random_box(clip.shape[-2], clip.shape[-1], self.scale, rng)
        mirrored = self.flip and rng.random() < 0.5
        clip = _resized(clip, box, self.size)
        return clip.flip(-1) if mirrored else clip


def eval_transform(clip: Tensor, size: int) -> Tensor:
    """The largest middle square, resized: uint8 (T, 3, H, W) to uint8 (T, 3, size, size)."""
    height, width = clip.shape[-2:]
    side = min(height, width)
    box = ((height - side) // 2, (width - side) // 2, side, side)
    return _resized(clip, box, size)


def normalise(video: Tensor, mean: Sequence[float], std: Sequence[float]) -> Tensor:
    """uint8 (..., 3, H, W) to float32 of the same shape: (value / 255 - mean) / std by channel."""
    scale = 1 / (255 * torch.tensor(std))
    shift = -torch.tensor(mean) / torch.tensor(std)
    values = video.movedim(-3, -1).float()  # channels last, as decoded: several times faster
    return values.mul_(scale).add_(shift).movedim(-1, -3).contiguous()


def random_box(
    height: int, width: int, scale: tuple[float, float], rng: np.random.Generator
) -> Box:
    """A crop of random area and aspect, as torchvision's RandomResizedCrop draws it."""
    for _ in range(TRIES):
        area = height * width * rng.uniform(*scale)
        aspect = math.exp(rng.uniform(*map(math.log, ASPECT)))
        h, w = round(math.sqrt(area / aspect)), round(math.sqrt(area * aspect))
        if 0 < h <= height and 0 < w <= width:
            top = int(rng.integers(height - h, endpoint=True))
            return top, int(rng.integers(width - w, endpoint=True)), h, w
    return _middle_box(height, width)


def _middle_box(height: int, width: int) -> Box:
    h = min(height, round(width / ASPECT[0]))
    w = min(width, round(height * ASPECT[1]))
    return (height - h) // 2, (width - w) // 2, h, w


def _resized(clip: Tensor, box: Box, size: int) -> Tensor:
    top, left, height, width = box
    crop = clip[..., top : top + height, left : left + width]
    return interpolate(
        crop, size=(size, size), mode="bilinear", align_corners=False, antialias=True
    )
