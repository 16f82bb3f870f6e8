"""The largest score of each word as one operation of torch, which `torch.compile` takes as it is.

Saved for its backward pass are the features, the word embeddings and each word's winning feature;
a gradient nobody asked for, as of a frozen head, is not computed.
"""

from collections.abc import Sequence
from types import ModuleType

import torch
from torch import Tensor

from unify.kernels import by_triton, chunked

BACKENDS: dict[str, ModuleType] = {"chunked": chunked, "triton": by_triton}
"""Each has `largest` and `gradients`, see `chunked`."""


def largest_scores(
    hidden: Tensor, weight: Tensor, bias: Tensor, mask: Tensor | None, backend: str
) -> Tensor:
    """Float32 (B, V), which can be differentiated once: see `chunked.largest`."""
    tensors = (tensor.contiguous() for tensor in (hidden, weight, bias))
    values, _ = _largest(*tensors, mask, backend)
    return values


@torch.library.custom_op("unify::largest_scores", mutates_args=())
def _largest(
    hidden: Tensor, weight: Tensor, bias: Tensor, mask: Tensor | None, backend: str
) -> tuple[Tensor, Tensor]:
    return BACKENDS[backend].largest(hidden, weight, bias, mask)


@_largest.register_fake
def _(hidden, weight, bias, mask, backend):
    shape = (hidden.shape[0], weight.shape[0])
    types = (torch.float32, torch.int32)
    return tuple(hidden.new_empty(shape, dtype=dtype) for dtype in types)


@torch.library.custom_op("unify::largest_scores_gradients", mutates_args=())
def _gradients(
    gradient: Tensor,
    places: Tensor,
    hidden: Tensor,
    weight: Tensor,
    wanted: Sequence[bool],
    backend: str,
) -> list[Tensor]:
    found = BACKENDS[backend].gradients(gradient, places, hidden, weight, tuple(wanted))
    return [tensor for tensor in found if tensor is not None]


@_gradients.register_fake
def _(gradient, places, hidden, weight, wanted, backend):
    made = (torch.empty_like(hidden), torch.empty_like(weight), weight.new_empty(len(weight)))
    return [tensor for tensor, is_wanted in zip(made, wanted, strict=True) if is_wanted]


def _setup_context(ctx, inputs, output) -> None:
    hidden, weight, _, _, ctx.backend = inputs
    ctx.save_for_backward(output[1], hidden, weight)


def _backward(ctx, gradient: Tensor, _) -> tuple[Tensor | None, ...]:
    wanted = list(ctx.needs_input_grad[:3])
    found = iter(_gradients(gradient.contiguous(), *ctx.saved_tensors, wanted, ctx.backend))
    return *(next(found) if is_wanted else None for is_wanted in wanted), None, None


_largest.register_autograd(_backward, setup_context=_setup_context)
