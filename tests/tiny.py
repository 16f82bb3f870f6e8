"""UNIFY at the smallest sizes, and random inputs for it."""

import os
from typing import Any

import torch
from torch import Tensor, nn

from unify.config import (
    LatentConfig,
    LexiconConfig,
    ModelConfig,
    TextEncoderConfig,
    VideoEncoderConfig,
)

DEPTH = 3
FRAMES = 3
IMAGE = 16
PATCH = 8
PAD, UNK, CLS, SEP, MASK = 0, 100, 101, 102, 103
WORDS = tuple(range(2000, 2040))
ENTRIES = (PAD, UNK, CLS, SEP, MASK, *WORDS)
"""BERT ids of the word pieces that tiny models keep."""


def fresh_seed() -> int:
    """A seed that no other run has, unless TEST_SEED asks for one; printed."""
    value = int(os.environ.get("TEST_SEED") or int.from_bytes(os.urandom(4), "big"))
    print(f"TEST_SEED={value}")
    return value


def model_config(
    *,
    depth: int = DEPTH,
    stem_depth: int = 1,
    branches: str = "both",
    video: dict[str, Any] | None = None,
    text: dict[str, Any] | None = None,
    latent: dict[str, Any] | None = None,
    lexicon: dict[str, Any] | None = None,
) -> ModelConfig:
    """A model of width 16 without dropout; the dicts replace fields of its parts."""
    sizes = {"width": 16, "heads": 2, "mlp_width": 32}
    frames = {"patch_size": PATCH, "image_size": IMAGE, "max_frames": FRAMES}
    words = {"max_positions": 16, "dropout": 0.0}
    return ModelConfig(
        depth=depth,
        stem_depth=stem_depth,
        branches=branches,
        video=VideoEncoderConfig(**(sizes | frames | (video or {}))),
        text=TextEncoderConfig(**(sizes | words | (text or {}))),
        latent=LatentConfig(**({"width": 8} | (latent or {}))),
        lexicon=LexiconConfig(**({"entries": "used"} | (lexicon or {}))),
    )


def randomise(module: nn.Module, spread: float = 0.3) -> None:
    """Random values in every parameter, so that none keeps a start value that hides a fault."""
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.normal_(std=spread)
        for part in module.modules():
            if isinstance(part, nn.LayerNorm):
                part.weight.add_(1)


def captions(count: int, length: int = 8) -> tuple[Tensor, Tensor]:
    """Random captions of 1 to `length` - 2 words: BERT ids and mask, (B, L) each."""
    ids = torch.full((count, length), PAD)
    sizes = torch.randint(1, length - 1, (count,))
    sizes[0] = length - 2
    for row, size in zip(ids, sizes.tolist(), strict=True):
        row[0], row[size + 1] = CLS, SEP
        row[1 : size + 1] = torch.tensor(WORDS)[torch.randint(len(WORDS), (size,))]
    return ids, ids != PAD


def clips(count: int, frames: int = FRAMES) -> Tensor:
    """Random clips (B, T, 3, S, S)."""
    return torch.randn(count, frames, 3, IMAGE, IMAGE)
