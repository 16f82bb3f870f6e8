"""The largest score of each word and its gradients in fused Triton kernels, for CUDA.

Floors, for B samples of T tokens, V words and D features of s bytes, and n gradients that are not
zero (at most B V):

    largest:    2 B T V D operations; s (B T + V) D bytes read, 8 B V bytes written
    gradients:  2 n D operations each for `hidden` and `weight`; of each, n rows of s D bytes
                read; s (B T + V) D bytes written

The scores, 4 B T V bytes, never reach memory. With 64 clips of 785 tokens, D = 768 and 30,522
words in bfloat16 that is 2.36 TFLOP and 0.14 GB forward, against 3.1 GB of scores that a plain
product writes; backward 6 GFLOP, and 6 GB of rows when every gradient counts.
"""

import importlib.util

import torch
from torch import Tensor

DTYPES = (torch.float32, torch.bfloat16, torch.float16)


def is_usable(tensor: Tensor) -> bool:
    """Whether these kernels run where `tensor` is, in its dtype."""
    return (
        tensor.is_cuda
        and torch.version.cuda is not None
        and tensor.dtype in DTYPES
        and importlib.util.find_spec("triton") is not None
        and torch.cuda.get_device_capability(tensor.device) >= (8, 0)
    )


def largest(
    hidden: Tensor, weight: Tensor, bias: Tensor, mask: Tensor | None
) -> tuple[Tensor, Tensor]:
    """Each word's largest score over the tokens that count, and the token that has it.

    Args:
        hidden: (B, T, D), contiguous, in one of `DTYPES`.
        weight: (V, D), like `hidden`.
        bias: (V,), like `hidden`.
        mask: (B, T), true where a token counts; None counts all.

    Returns:
        Values (B, V), float32: -inf where no token counts, NaN where a score that counts is NaN.
        Places (B, V), int32: of equal products the lowest token; 0 where no token counts.
    """
    from unify.kernels import triton_forward

    with torch.cuda.device_of(hidden):
        return triton_forward.largest(hidden, weight, bias, mask)


def gradients(
    gradient: Tensor, places: Tensor, hidden: Tensor, weight: Tensor, wanted: tuple[bool, ...]
) -> tuple[Tensor | None, Tensor | None, Tensor | None]:
    """Gradients of `hidden`, `weight` and `bias`, summed in float32 and in a fixed order.

    Args:
        gradient: (B, V), float32, of the values of `largest`; zeros are skipped.
        places: (B, V), int32, of `largest`.
        hidden: (B, T, D), as given to `largest`.
        weight: (V, D), as given to `largest`.
        wanted: which of the three are asked for; the others are None.
    """
    from unify.kernels import triton_backward

    gradient = gradient.contiguous()
    with torch.cuda.device_of(hidden):
        return (
            triton_backward.hidden_grad(gradient, places, hidden, weight) if wanted[0] else None,
            triton_backward.weight_grad(gradient, places, hidden, weight) if wanted[1] else None,
            gradient.sum(0).to(weight.dtype) if wanted[2] else None,
        )
