"""Divided space-time attention (TimeSformer), in Frozen's form and in the plain one.

Shapes: B clips, T frames, P patches per frame, N = 1 + T * P tokens frame by frame with one [CLS]
first, H heads, D width, K width of a head.
"""

import torch
import torch.nn.functional as F
from timm.layers import Attention
from torch import Tensor

from unify.models.short_groups import FEW, Axis, ShortGroups, dots, mix

SHORT = 32
"""Patches in a group up to which scores written out beat a fused kernel and its tiles of 128."""


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
        qkv, patches = self._heads(x), x.shape[1] - 1
        members = frames if axis == "time" else patches // frames
        if members == patches:
            return self.proj(_free(qkv))
        attend = ShortGroups.apply if members <= SHORT else _long_groups
        return self.proj(attend(qkv, frames, axis))

    def within(self, x: Tensor) -> Tensor:
        """Attend freely among the tokens given, (B, N, D) -> (B, N, D)."""
        return self.proj(_free(self._heads(x)))

    def _heads(self, x: Tensor) -> Tensor:
        return self.qkv(x).unflatten(2, (3, self.num_heads, self.head_dim))  # B N 3 H K


def _long_groups(qkv: Tensor, frames: int, axis: Axis) -> Tensor:
    """What `ShortGroups` computes, by fused kernels: (B, N, 3, H, K) -> (B, N, H * K)."""
    cls, patches = qkv.split([1, qkv.shape[1] - 1], 1)
    summary = _fused(cls[:, :, 0], *qkv[:, :, 1:].unbind(2))
    groups = patches.unflatten(1, (frames, -1))
    groups = groups.transpose(1, 2) if axis == "time" else groups  # B G M 3 H K
    cls = cls.unsqueeze(1).expand(-1, groups.shape[1], -1, -1, -1, -1)
    groups = torch.cat([cls, groups], dim=2)
    local = _fused(*groups.flatten(0, 1).unbind(2)).unflatten(0, groups.shape[:2])[:, :, 1:]
    local = local.transpose(1, 2) if axis == "time" else local
    return torch.cat([summary, local.flatten(1, 2)], dim=1).flatten(2)


def _free(qkv: Tensor) -> Tensor:
    """Attention among all tokens, (B, N, 3, H, K) -> (B, N, H * K)."""
    if qkv.shape[1] > FEW:
        return _fused(*qkv.unbind(2)).flatten(2)
    query, key, value = qkv.permute(2, 0, 3, 1, 4)  # B H N K
    scores = dots(query * query.shape[-1] ** -0.5, key)
    return mix(scores.softmax(-1).to(value.dtype), value).transpose(1, 2).flatten(2)


def _fused(query: Tensor, key: Tensor, value: Tensor) -> Tensor:
    """By fused kernels, which need four dimensions: (B, N, H, K) -> (B, N, H, K)."""
    heads = (part.transpose(1, 2) for part in (query, key, value))
    return F.scaled_dot_product_attention(*heads).transpose(1, 2)
