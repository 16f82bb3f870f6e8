"""Attention within many short groups of a clip's tokens, with the scores written out.

Fused kernels work on tiles of 64 to 128 tokens and waste them on groups of 4. Here every group is
gathered with [CLS] in front and all are multiplied at once; the gradient is written by hand, as
autograd would pad and add a full tensor for every slice.

Shapes: B clips, N tokens, H heads, G groups of M patches, L = 1 + M with [CLS], K width of a head.
"""

from collections.abc import Callable
from typing import Any, Literal

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

Axis = Literal["time", "space"]

FEW = 16
"""Rows up to which a GPU multiplies and sums without matrix products."""


class ShortGroups(torch.autograd.Function):
    """Patches attend to [CLS] and their own group, [CLS] attends to all tokens."""

    @staticmethod
    def forward(ctx: Any, qkv: Tensor, frames: int, axis: Axis) -> Tensor:
        """Queries, keys and values (B, N, 3, H, K) -> (B, N, H * K)."""
        query, key, value = _gather(qkv.movedim(2, 0), frames, axis)  # B H G L K
        scores = _wide(dots(query, key)) * query.shape[-1] ** -0.5  # B H G L L
        scores[:, :, 1:, 0, 0] = float("-inf")  # [CLS] sees itself once
        powers = (scores - _joint(scores.amax(-1, keepdim=True), torch.amax)).exp()
        weights = (powers / _joint(powers.sum(-1, keepdim=True), torch.sum)).to(value.dtype)
        ctx.save_for_backward(query, key, value, weights)
        ctx.frames, ctx.axis = frames, axis
        out = qkv.new_empty(qkv[:, :, 0].shape)
        _scatter(mix(weights, value), out, frames, axis)
        return out.flatten(2)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, out_grad: Tensor) -> tuple[Tensor, None, None]:
        """Gradients of queries, keys and values (B, N, 3, H, K)."""
        query, key, value, weights = ctx.saved_tensors
        heads = out_grad.unflatten(2, (query.shape[1], -1))
        grad = _gather(heads, ctx.frames, ctx.axis)
        slopes = _wide(dots(grad, value)) * weights
        slopes = slopes - weights * _joint(slopes.sum(-1, keepdim=True), torch.sum)
        slopes = (slopes * query.shape[-1] ** -0.5).to(value.dtype)
        found = mix(slopes, key), mix(slopes.mT, query), mix(weights.mT, grad)
        qkv_grad = heads.new_empty(*heads.shape[:2], 3, *heads.shape[2:])
        for part, into in zip(found, qkv_grad.unbind(2), strict=True):
            _scatter(part, into, ctx.frames, ctx.axis)
        return qkv_grad, None, None


def _grouped(patches: Tensor, frames: int, axis: Axis) -> Tensor:
    """A view of patches (..., T * P, H, K), frame by frame, as groups (..., H, G, M, K)."""
    scenes = patches.unflatten(-3, (frames, -1))  # ... T P H K
    return scenes.transpose(-4, -2) if axis == "time" else scenes.movedim(-2, -4)


def _gather(tokens: Tensor, frames: int, axis: Axis) -> Tensor:
    """Groups with [CLS] in front, (..., N, H, K) -> (..., H, G, L, K)."""
    groups = _grouped(tokens[..., 1:, :, :], frames, axis)
    cls = tokens[..., 0, :, None, None, :].expand_as(groups[..., :1, :])
    return torch.cat([cls, groups], dim=-2)


def _scatter(groups: Tensor, into: Tensor, frames: int, axis: Axis) -> None:
    """The adjoint of `_gather`: write groups (..., H, G, L, K) to (..., N, H, K), [CLS] summed."""
    into[..., 0, :, :] = groups[..., 0, :].sum(-2)
    _grouped(into[..., 1:, :, :], frames, axis).copy_(groups[..., 1:, :])


def _joint(found: Tensor, reduce: Callable[..., Tensor]) -> Tensor:
    """Reductions over the keys of a group (B, H, G, L, 1), where [CLS]'s go over all groups."""
    found[:, :, :, 0] = reduce(found[:, :, :, 0], 2, keepdim=True)
    return found


def _wide(x: Tensor) -> Tensor:
    """At least single precision, as softmax has it."""
    return x.to(torch.promote_types(x.dtype, torch.float32))


def dots(a: Tensor, b: Tensor) -> Tensor:
    """Products of every row with every row, (..., I, K) and (..., J, K) -> (..., I, J)."""
    if _row_by_row(a, b):
        return (a.unsqueeze(-2) * b.unsqueeze(-3)).sum(-1)
    return a @ b.mT


def mix(weights: Tensor, rows: Tensor) -> Tensor:
    """Weighted sums of rows, (..., I, J) and (..., J, K) -> (..., I, K)."""
    if _row_by_row(weights, rows):
        return (weights.unsqueeze(-1) * rows.unsqueeze(-3)).sum(-2)
    return weights @ rows


def _row_by_row(a: Tensor, b: Tensor) -> bool:
    """On a GPU a small matrix product fills a whole tile, and torch.compile fuses sums of products;
    uncompiled, these would write I x J x K values out."""
    small = max(a.shape[-2], b.shape[-2]) <= FEW
    return small and a.is_cuda and torch.compiler.is_compiling()
