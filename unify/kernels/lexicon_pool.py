"""From local features to one weight per word (equations 4 and 5)."""

import torch
import torch.nn.functional as F
from torch import Tensor

ACTIVATIONS = {
    "log1p_relu": lambda x: torch.log1p(F.relu(x)),
    "relu": F.relu,
    "elu1p": lambda x: F.elu(x) + 1.0,
}


def lexicon_pool(
    hidden: Tensor,
    weight: Tensor,
    bias: Tensor,
    mask: Tensor | None = None,
    *,
    activation: str = "log1p_relu",
    pooling: str = "max",
) -> Tensor:
    """Pool the activated word scores of a clip's or caption's local features.

    Every activation is monotone, so with max pooling the maximum is taken over raw scores first.

    Args:
        hidden: (B, T, D) local features after the head's transform.
        weight: (V, D) word embeddings.
        bias: (V,) per-word bias.
        mask: (B, T), true where a feature counts; None counts all.
        activation: `log1p_relu`, `relu` or `elu1p`.
        pooling: `max`, `sum` or `mean` over the features that count.

    Returns:
        (B, V) non-negative word weights, float32; zero where no feature counts.
    """
    activate = ACTIVATIONS[activation]
    scores = F.linear(hidden, weight, bias)  # B T V
    if mask is None:
        mask = hidden.new_ones(hidden.shape[:2], dtype=torch.bool)
    if pooling == "max":
        pooled = scores.masked_fill(~mask[..., None], float("-inf")).amax(1)
        return activate(pooled.float())
    counted = activate(scores.float()) * mask[..., None]
    total = counted.sum(1)
    return total if pooling == "sum" else total / mask.sum(1, keepdim=True).clamp(min=1)
