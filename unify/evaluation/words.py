"""What a lexicon representation says, in words (Figure 5)."""

from torch import Tensor

from unify.data.tokens import shared_tokenizer
from unify.models.vocabulary import Vocabulary

TOP = 10
"""Strongest words recorded for each sample."""


def strongest_words(weights: Tensor, vocabulary: Vocabulary, top: int = TOP) -> list[list]:
    """The words with the highest positive weights of one (V,) vector, as [word, weight] pairs."""
    values, rows = weights.topk(min(top, len(weights)))
    words = shared_tokenizer().words
    return [
        [words[int(vocabulary.ids[row])], round(float(value), 4)]
        for value, row in zip(values, rows, strict=True)
        if value > 0
    ]


def activity(weights: Tensor) -> tuple[float, float]:
    """Mean number of active words, and share of all-zero vectors, of (B, V) word weights."""
    active = (weights > 0).sum(1)
    return active.float().mean().item(), (active == 0).float().mean().item()


def always_on(weights: Tensor) -> int:
    """Words that are active in every one of (B, V) word weights: they tell nothing apart."""
    return int((weights > 0).all(0).sum())
