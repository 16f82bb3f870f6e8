"""Noise-contrastive estimation over a batch (equation 10)."""

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor


class Similarities(NamedTuple):
    """Of b captions and clips, pair by pair, to all B of the batch that they are a part of."""

    t2v: Tensor
    """(b, B), captions to all clips."""
    v2t: Tensor
    """(b, B), clips to all captions."""
    first: int = 0
    """Column of the first row's partner; the others' follow."""

    @classmethod
    def of_batch(cls, similarity: Tensor) -> "Similarities":
        """Of a whole batch: (B, B), captions by clips."""
        return cls(similarity, similarity.T)


def unit(rows: Tensor) -> Tensor:
    """Rows at length 1 in float32; a zero vector stays one."""
    return F.normalize(rows.float(), dim=-1)


def cosine(text: Tensor, video: Tensor) -> Tensor:
    """Similarities (Bt, Bv) of (Bt, D) and (Bv, D), computed in float32.

    A zero vector has similarity 0 to everything.
    """
    return unit(text) @ unit(video).T


def info_nce(similarities: Similarities, temperature: float, directions: str = "sum") -> Tensor:
    """Cross-entropy of the true pair against the batch, mean over rows.

    Args:
        similarities: of the rows that count.
        temperature: tau.
        directions: `t2v`, `v2t`, or both by `sum` or `mean`.
    """
    if directions in ("t2v", "v2t"):
        return _cross_entropy(getattr(similarities, directions), temperature, similarities.first)
    both = [info_nce(similarities, temperature, one) for one in ("t2v", "v2t")]
    return sum(both) if directions == "sum" else sum(both) / 2


def _cross_entropy(rows: Tensor, temperature: float, first: int) -> Tensor:
    partners = torch.arange(first, first + len(rows), device=rows.device)
    return F.cross_entropy(rows / temperature, partners)
