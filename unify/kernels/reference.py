"""The lexicon's pooling in its plainest form, which keeps every score: what the rest must equal."""

import torch.nn.functional as F
from torch import Tensor

from unify.kernels.activations import ACTIVATIONS


def pool(
    hidden: Tensor, weight: Tensor, bias: Tensor, mask: Tensor, activation: str, pooling: str
) -> Tensor:
    """`lexicon_pool` for tensors of one type: float32 (B, V)."""
    activate = ACTIVATIONS[activation]
    scores = F.linear(hidden, weight, bias)  # B T V
    if pooling == "max":
        return activate(scores.masked_fill(~mask[..., None], float("-inf")).amax(1).float())
    total = activate(scores.float()).masked_fill(~mask[..., None], 0).sum(1)
    return total if pooling == "sum" else total / mask.sum(1, keepdim=True).clamp(min=1)
