"""FLOPs regulariser (equation 12; Paria et al. 2020)."""

import torch.nn.functional as F
from torch import Tensor


def flops(activations: Tensor, normalised: bool = False) -> Tensor:
    """Sum over words of the squared mean activation of a batch, (B, V) -> scalar.

    Args:
        activations: word weights, not negative.
        normalised: L2-normalise each row first (LexLIP); the sum is then at most 1.
    """
    rows = F.normalize(activations, dim=-1) if normalised else activations
    return rows.float().mean(0).square().sum()
