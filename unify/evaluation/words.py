"""What a lexicon representation says, in words (Figure 5)."""

from collections.abc import Sequence

import torch
from torch import Tensor

from unify.data.example import Example
from unify.data.tokens import SPECIAL, shared_tokenizer
from unify.evaluation.encoding import Encoded
from unify.models.vocabulary import Vocabulary

TOP = 10
"""Strongest words recorded for each sample."""


def lexicon_report(
    encoded: Encoded, examples: Sequence[Example], vocabulary: Vocabulary, count: int
) -> dict:
    """Activity and relevance of both sides, and the strongest words of `count` fixed samples."""
    said = caption_words(examples, vocabulary).to(encoded.clip_of.device)
    report: dict = {}
    for side, words in (("video", said), ("text", said[encoded.clip_of])):
        weights = getattr(encoded, side).lexicon
        report[f"{side}_active"], report[f"{side}_zero_share"] = activity(weights)
        report[f"{side}_always_on"] = always_on(weights)
        report[f"{side}_relevant"] = relevance(weights, words)
    report["examples"] = [
        _example(encoded, examples, vocabulary, clip) for clip in spread(len(examples), count)
    ]
    return report


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


def relevance(weights: Tensor, said: Tensor, top: int = TOP) -> float:
    """Mean share, among the `top` strongest active words of each of (B, V) word weights, of those
    that are true in `said` (B, V); an all-zero vector counts 0. Puts a number to Figure 5."""
    values, rows = weights.topk(min(top, weights.shape[1]))
    active = values > 0
    hits = (said.gather(1, rows) & active).sum(1)
    return (hits / active.sum(1).clamp(min=1)).mean().item()


def caption_words(examples: Sequence[Example], vocabulary: Vocabulary) -> Tensor:
    """(G, V) true where a word piece occurs in a caption of the clip; special entries never do."""
    said = torch.zeros(len(examples), len(vocabulary), dtype=torch.bool)
    rows_of = vocabulary.rows.cpu()
    for clip, example in enumerate(examples):
        for row in shared_tokenizer().rows(example.captions):
            ids = torch.tensor([entry for entry in row if entry not in SPECIAL], dtype=torch.int64)
            said[clip, rows_of[ids]] = True
    special = torch.isin(vocabulary.ids.cpu(), torch.tensor(SPECIAL))
    return said & ~special


def spread(total: int, count: int) -> list[int]:
    """`count` numbers spread evenly over 0..total - 1, the same ones at every call."""
    return torch.linspace(0, total - 1, min(count, total)).round().int().tolist()


def _example(
    encoded: Encoded, examples: Sequence[Example], vocabulary: Vocabulary, clip: int
) -> dict:
    caption = int((encoded.clip_of == clip).nonzero()[0])
    return {
        "key": examples[clip].key,
        "caption": examples[clip].captions[0],
        "video_words": strongest_words(encoded.video.lexicon[clip], vocabulary),
        "text_words": strongest_words(encoded.text.lexicon[caption], vocabulary),
    }
