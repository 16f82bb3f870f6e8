"""Retrieval metrics from a similarity matrix, honest about ties."""

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Ranks:
    """Where each query's best relevant item stands, from 1; ties leave a range of ranks."""

    first: Tensor
    """(Q,) the rank if all ties went the query's way, float64."""
    last: Tensor
    """(Q,) the rank if none did, float64."""

    @property
    def mean(self) -> Tensor:
        """(Q,) mean rank over the ties, float64."""
        return (self.first + self.last) / 2


def ranks(similarity: Tensor, relevant: Tensor) -> Ranks:
    """Rank each query's best relevant item among the irrelevant ones.

    A similarity that is not a number counts against the query.

    Args:
        similarity: (Q, G), queries by gallery.
        relevant: (Q, G), true where an item answers a query; at least one per query.
    """
    best = similarity.masked_fill(~relevant, float("-inf")).amax(1, keepdim=True)
    above = (~(similarity <= best) & ~relevant).sum(1)
    level = ((similarity == best) & ~relevant).sum(1)
    return Ranks(1 + above.double(), 1 + (above + level).double())


def recall(found: Ranks, k: int) -> float:
    """Percentage of queries within the first k, ties shared out evenly: a dead model scores k of G.

    A query whose ranks `first` to `last` are tied counts by the share of them that is at most k.
    """
    within = (k - found.first + 1) / (found.last - found.first + 1)
    return 100 * within.clamp(0, 1).mean().item()


def summary(found: Ranks) -> dict[str, float]:
    """R@1, R@5, R@10 in percent, median and mean of the mean ranks."""
    recalls = {f"R@{k}": recall(found, k) for k in (1, 5, 10)}
    middle = torch.quantile(found.mean, 0.5).item()
    return recalls | {"MedR": middle, "MeanR": found.mean.mean().item()}
