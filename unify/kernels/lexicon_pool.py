"""From local features to one weight per word (equations 4 and 5)."""

import torch
from torch import Tensor

from unify.kernels import by_triton, chunked, reference
from unify.kernels.activations import ACTIVATIONS
from unify.kernels.largest_scores import largest_scores

POOLINGS = ("max", "sum", "mean")


def lexicon_pool(
    hidden: Tensor,
    weight: Tensor,
    bias: Tensor,
    mask: Tensor | None = None,
    *,
    activation: str = "log1p_relu",
    pooling: str = "max",
    backend: str = "auto",
) -> Tensor:
    """Pool the activated word scores of a clip's or caption's local features.

    Every activation is monotone, so with max pooling the maximum is taken over raw scores first.
    Under autocast the scores are computed in its type. Differentiable once.

    Args:
        hidden: (B, T, D) local features after the head's transform.
        weight: (V, D) word embeddings.
        bias: (V,) per-word bias.
        mask: (B, T), true where a feature counts; None counts all.
        activation: `log1p_relu`, `relu` or `elu1p`.
        pooling: `max`, `sum` or `mean` over the features that count.
        backend: `reference` keeps all B x T x V scores; `chunked` keeps none of them, on any
            device; `triton` is a CUDA kernel for max pooling; `auto` takes what suits the device.

    Returns:
        (B, V) non-negative word weights, float32; zero where no feature counts. Of features with
        equal scores the first has the gradient (with `reference` they share it).

    Raises:
        ValueError: if shapes do not fit, or a name is unknown, or the back end cannot be used here.
    """
    _check(hidden, weight, bias, mask, activation, pooling)
    backend = _chosen(backend, hidden, pooling)
    hidden, weight, bias = _of_one_type(hidden, weight, bias)
    if backend != "reference" and pooling == "max":
        return ACTIVATIONS[activation](largest_scores(hidden, weight, bias, mask, backend))
    if mask is None:
        mask = hidden.new_ones(hidden.shape[:2], dtype=torch.bool)
    if backend == "reference":
        return reference.pool(hidden, weight, bias, mask, activation, pooling)
    total = chunked.total(hidden, weight, bias, mask, activation)
    return total if pooling == "sum" else total / mask.sum(1, keepdim=True).clamp(min=1)


def _check(
    hidden: Tensor,
    weight: Tensor,
    bias: Tensor,
    mask: Tensor | None,
    activation: str,
    pooling: str,
) -> None:
    fits = (
        hidden.ndim == 3
        and weight.shape == (len(weight), hidden.shape[2])
        and bias.shape == (len(weight),)
        and (mask is None or (mask.shape == hidden.shape[:2] and mask.dtype == torch.bool))
    )
    if not fits:
        shapes = [tuple(t.shape) for t in (hidden, weight, bias, mask) if t is not None]
        raise ValueError(
            f"hidden, weight, bias and mask have shapes {', '.join(map(str, shapes))}; they should "
            "be (B, T, D), (V, D), (V,) and (B, T), the mask of bool"
        )
    if activation not in ACTIVATIONS or pooling not in POOLINGS:
        raise ValueError(
            f"no activation is called {activation} or no pooling {pooling}; there are "
            f"{', '.join(ACTIVATIONS)}, and {', '.join(POOLINGS)}"
        )


def _chosen(backend: str, hidden: Tensor, pooling: str) -> str:
    if backend == "auto":
        return "triton" if pooling == "max" and by_triton.is_usable(hidden) else "chunked"
    if backend not in ("reference", "chunked", "triton"):
        raise ValueError(f"no back end is called {backend}; use auto, reference, chunked or triton")
    if backend == "triton" and pooling != "max":
        raise ValueError(f"the triton back end has no {pooling} pooling; use auto or chunked")
    if backend == "triton" and not by_triton.is_usable(hidden):
        raise ValueError(
            "the triton back end needs a CUDA device of compute capability 8.0 or more, and "
            "triton; use auto or chunked"
        )
    return backend


def _of_one_type(hidden: Tensor, *others: Tensor) -> tuple[Tensor, ...]:
    """All in autocast's type where it is on, else in that of the features."""
    device = hidden.device.type
    on = torch.is_autocast_enabled(device) and hidden.dtype != torch.float64
    dtype = torch.get_autocast_dtype(device) if on else hidden.dtype
    return tuple(tensor.to(dtype) for tensor in (hidden, *others))
