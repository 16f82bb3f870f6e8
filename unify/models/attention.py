"""Divided space-time attention (TimeSformer), in Frozen's form and in the plain one.

Shapes: B clips, T frames, P patches per frame, N = 1 + T * P tokens frame by frame with one [CLS]
first, H heads, D width, K width of a head.
"""

from typing import Literal

import torch
import torch.nn.functional as F
from timm.layers import Attention
from torch import Tensor

Axis = Literal["time", "space"]


class DividedAttention(Attention):
    """timm's self-attention (same parameters), restricted to tokens of one place or one frame."""

    def forward(self, x: Tensor, frames: int, axis: Axis) -> Tensor:
        """Attend within groups; [CLS] attends to all tokens and every group sees [CLS] (Frozen).

        Args:
            x: (B, N, D) tokens.
            frames: T.
            axis: `time` groups a place over all frames, `space` all places of a frame.

        Returns:
            (B, N, D).
        """
        query, key, value = self._heads(x)  # B H N K
        summary = _attend(query[:, :, :1], key, value)
        groups = [_group(part, frames, axis) for part in (query, key, value)]
        local = _attend(
            groups[0], *(_with_cls(g, p) for g, p in zip(groups[1:], (key, value), strict=True))
        )
        return self._merge(torch.cat([summary, _ungroup(local, axis)], dim=2))

    def within(self, x: Tensor) -> Tensor:
        """Attend freely among the tokens given, (B, N, D) -> (B, N, D)."""
        return self._merge(_attend(*self._heads(x)))

    def _heads(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        batch, tokens, _ = x.shape
        qkv = self.qkv(x).view(batch, tokens, 3, self.num_heads, self.head_dim)
        return qkv.permute(2, 0, 3, 1, 4).unbind(0)

    def _merge(self, x: Tensor) -> Tensor:
        return self.proj(x.transpose(1, 2).flatten(2))


def _attend(query: Tensor, key: Tensor, value: Tensor) -> Tensor:
    return F.scaled_dot_product_attention(query, key, value)


def _group(x: Tensor, frames: int, axis: Axis) -> Tensor:
    """(B, H, N, K) -> (B, H, groups, members, K), [CLS] dropped."""
    patches = x[:, :, 1:].unflatten(2, (frames, -1))
    return patches.transpose(2, 3) if axis == "time" else patches


def _ungroup(x: Tensor, axis: Axis) -> Tensor:
    """(B, H, groups, members, K) -> (B, H, T * P, K)."""
    return (x.transpose(2, 3) if axis == "time" else x).flatten(2, 3)


def _with_cls(groups: Tensor, tokens: Tensor) -> Tensor:
    """Put [CLS] of (B, H, N, K) in front of every group of (B, H, groups, members, K)."""
    cls = tokens[:, :, None, :1].expand(-1, -1, groups.shape[2], -1, -1)
    return torch.cat([cls, groups], dim=3)
