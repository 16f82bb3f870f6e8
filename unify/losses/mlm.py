"""Masked language modelling (equation 11)."""

import torch.nn.functional as F
from torch import Tensor


def masked_word_loss(scores: Tensor, words: Tensor) -> Tensor:
    """Summed cross-entropy of the masked words.

    A sum, so that processes with different numbers of masked words can share one mean.

    Args:
        scores: (K, V) word scores at masked positions.
        words: (K,) rows of the true words.
    """
    return F.cross_entropy(scores.float(), words, reduction="sum")
