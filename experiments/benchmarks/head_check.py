"""Every contestant's word weights and gradients against float64, before anything is timed."""

from dataclasses import replace

import torch
from torch import Tensor

from experiments.benchmarks.head_inputs import Best, Inputs
from experiments.benchmarks.head_pass import Pass

DOUBT = {torch.float32: 1e-5, torch.bfloat16: 2e-2}
"""Two scores, or a score and zero, that are nearer than this share of the largest score may change
places by rounding: no gradient is asked of them."""
TOLERANCE = {torch.float32: 1e-4, torch.bfloat16: 3e-2}
"""Largest difference from float64, as a share of the largest value."""
NAMES = ("word weights", "gradient of hidden", "gradient of weight", "gradient of bias")


def without_doubt(inputs: Inputs, best: Best) -> Inputs:
    """With no gradient where rounding may choose another token, or none."""
    doubt = DOUBT[inputs.hidden.dtype] * best.value.abs().max()
    certain = (best.gap > doubt) & (best.value.abs() > doubt)
    return replace(inputs, upstream=inputs.upstream * certain)


def truth(inputs: Inputs, best: Best) -> list[Tensor]:
    """Word weights, and gradients of hidden, weight and bias, by the formula in float64."""
    positive = best.value.clamp(min=0)
    slope = inputs.upstream.double() * (best.value > 0) / (1 + positive)  # B V
    hidden, weight = inputs.hidden.double(), inputs.weight.double()
    hidden_grad, weight_grad = torch.zeros_like(hidden), torch.zeros_like(weight)
    for clip, place in enumerate(best.place):
        hidden_grad[clip].index_add_(0, place, slope[clip, :, None] * weight)
        weight_grad += slope[clip, :, None] * hidden[clip, place]
    return [positive.log1p(), hidden_grad, weight_grad, slope.sum(0)]


def largest_error(one: Pass, expected: list[Tensor], where: str) -> float:
    """The largest difference of a contestant's results from the truth, as a share of the largest
    value.

    Raises:
        ValueError: where it is more than rounding explains.
    """
    found = one.results()
    tolerance = TOLERANCE[one.inputs.hidden.dtype]
    errors = [_error(mine, true) for mine, true in zip(found, expected[: len(found)], strict=True)]
    for name, error in zip(NAMES, errors, strict=False):
        if not error <= tolerance:  # NaN too
            raise ValueError(
                f"{one.name} is wrong, {where}: its {name} differ from float64 by {error:.1e} of "
                f"the largest value, more than {tolerance:g}; its times would mean nothing"
            )
    return max(errors)


def _error(found: Tensor, expected: Tensor) -> float:
    largest = expected.abs().max().clamp(min=torch.finfo(torch.float32).tiny)
    return float((found.double() - expected).abs().max() / largest)
