"""Retrieval metrics from a similarity matrix, honest about ties."""

import torch
from torch import Tensor


def ranks(similarity: Tensor, relevant: Tensor) -> Tensor:
    """Rank of each query's best relevant item among the irrelevant ones; ties take the mean rank.

    With all similarities equal every rank is the middle one, so that a dead model scores chance.
    A similarity that is not a number counts against the query.

    Args:
        similarity: (Q, G), queries by gallery.
        relevant: (Q, G), true where an item answers a query; at least one per query.

    Returns:
        (Q,) ranks from 1, halves included, float64.
    """
    best = similarity.masked_fill(~relevant, float("-inf")).amax(1, keepdim=True)
    above = (~(similarity <= best) & ~relevant).sum(1)
    level = ((similarity == best) & ~relevant).sum(1)
    return 1 + above.double() + level.double() / 2


def recall(found: Tensor, k: int) -> float:
    """Percentage of ranks within the first k."""
    return 100 * (found <= k).double().mean().item()


def summary(found: Tensor) -> dict[str, float]:
    """R@1, R@5, R@10 in percent, median and mean rank."""
    recalls = {f"R@{k}": recall(found, k) for k in (1, 5, 10)}
    return recalls | {"MedR": torch.quantile(found, 0.5).item(), "MeanR": found.mean().item()}
