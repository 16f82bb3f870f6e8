"""Inputs of the lexicon head with a wanted share of active words, and the truth about them."""

from dataclasses import dataclass, replace

import torch
from torch import Tensor

TILE = 2048
"""Words computed at once in float64."""
BUSY = 0.05
"""Of skewed inputs: the share of a clip's tokens that win most words,"""
LOUDER = 6.0
"""for being this much longer than the others."""
MARGIN = 0.5
"""How far above zero all scores are where every word is to be active."""
HIDDEN_TAIL = 5
"""Tokens at the end of the first clip that the mask leaves out."""


@dataclass(frozen=True, kw_only=True)
class Size:
    """How large the head's inputs are."""

    name: str
    clips: int
    tokens: int
    width: int
    words: int
    checked: int
    """The first clips, on which every contestant is held against float64."""
    rounds: int = 1
    """How often a repeat is done: short times need more."""


@dataclass(frozen=True)
class Inputs:
    """One head's inputs and the gradient that comes back."""

    hidden: Tensor
    """(B, T, D)."""
    weight: Tensor
    """(V, D)."""
    bias: Tensor
    """(V,)."""
    mask: Tensor
    """(B, T)."""
    upstream: Tensor
    """(B, V), the gradient of the word weights; positive, so that none is skipped."""

    def first(self, clips: int) -> "Inputs":
        """Of the first clips alone."""
        parts = {name: getattr(self, name)[:clips] for name in ("hidden", "mask", "upstream")}
        return replace(self, **parts)


@dataclass(frozen=True)
class Best:
    """The two best tokens of each clip and word, in float64."""

    value: Tensor
    """(B, V), the largest score."""
    gap: Tensor
    """(B, V), by how much it is larger than the second."""
    place: Tensor
    """(B, V), the token that has it."""

    def after(self, old: Tensor, new: Tensor) -> "Best":
        """With another bias: the same tokens, other values."""
        return replace(self, value=self.value + (new.double() - old.double()))


def make_inputs(size: Size, *, skewed: bool, dtype: torch.dtype, device: torch.device) -> Inputs:
    """Random inputs whose scores are about normal; the values are exact in `dtype`."""
    generator = torch.Generator(device).manual_seed(0)

    def random(*shape: int) -> Tensor:
        return torch.randn(shape, generator=generator, device=device)

    hidden = random(size.clips, size.tokens, size.width) / size.width**0.5
    if skewed:
        busy = torch.arange(size.tokens, device=device) < max(1, round(BUSY * size.tokens))
        hidden *= torch.where(busy, LOUDER, 1.0)[:, None]
    mask = torch.ones(size.clips, size.tokens, dtype=torch.bool, device=device)
    mask[0, -HIDDEN_TAIL:] = False
    return Inputs(
        hidden.to(dtype),
        random(size.words, size.width).to(dtype),
        (0.1 * random(size.words)).to(dtype),
        mask,
        random(size.clips, size.words).abs() + 0.1,
    )


def best_tokens(inputs: Inputs) -> Best:
    """By all scores in float64, a tile of words and a clip at a time."""
    rows = []
    for hidden, mask in zip(inputs.hidden, inputs.mask, strict=True):
        tiles = zip(inputs.weight.split(TILE), inputs.bias.split(TILE), strict=True)
        parts = [_best(hidden[mask].double() @ w.double().T + b.double()) for w, b in tiles]
        rows.append([torch.cat(part) for part in zip(*parts, strict=True)])
    return Best(*(torch.stack(column) for column in zip(*rows, strict=True)))


def _best(scores: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """(T, V) -> largest, distance to the second, place."""
    value, place = scores.max(0)
    second = scores.scatter_(0, place[None], float("-inf")).amax(0)
    return value, value - second, place


def shifted(inputs: Inputs, best: Best, share: float) -> Inputs:
    """With all words' bias shifted so that this share of (clip, word) pairs is above zero."""
    values = best.value.flatten().sort().values
    below = values[round((1 - share) * (len(values) - 1))]
    border = below - MARGIN if share == 1 else below
    return replace(inputs, bias=(inputs.bias.double() - border).to(inputs.bias.dtype))


def won_by_busy(best: Best) -> float:
    """The share of words that the busiest tokens of each clip win, `BUSY` of its tokens."""
    tokens = int(best.place.max()) + 1
    count = max(1, round(BUSY * tokens))
    won = [torch.bincount(place).topk(count).values.sum() / len(place) for place in best.place]
    return float(torch.stack(won).mean())
