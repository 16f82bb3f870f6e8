"""FLOPs regulariser (equation 12; Paria et al. 2020)."""

import torch.nn.functional as F
from torch import Tensor


def mean_activation(activations: Tensor, normalised: bool = False) -> Tensor:
    """Each word's mean weight over rows, float32: (B, V) -> (V,).

    Args:
        activations: word weights, not negative.
        normalised: L2-normalise each row first (LexLIP).
    """
    rows = F.normalize(activations, dim=-1) if normalised else activations
    return rows.float().mean(0)


def flops(mean: Tensor) -> Tensor:
    """Sum over words of a batch's squared mean activation, (V,) -> scalar; at most 1 of normalised
    rows."""
    return mean.square().sum()
