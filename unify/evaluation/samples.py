"""A few queries with what each representation retrieves for them, and why (Figure 4)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from unify.data.example import Example
from unify.evaluation.encoding import Encoded
from unify.evaluation.ranking import ranks
from unify.evaluation.retrieval import similarities
from unify.evaluation.words import spread, strongest_words
from unify.models.vocabulary import Vocabulary

RETRIEVED = 4
"""Clips shown for each query and representation."""
WORDS = 8
"""Matched words shown for each clip."""


@dataclass(frozen=True)
class Samples:
    """Queries of a test set."""

    record: dict[str, Any]
    """What `samples.json` holds: place, queries, and the captions of all clips named there."""
    clips: tuple[Example, ...]
    """All clips named there."""


def sample(
    place: str,
    encoded: Encoded,
    examples: Sequence[Example],
    vocabulary: Vocabulary | None,
    lexicon_share: float,
    count: int,
) -> Samples:
    """`count` queries spread evenly over the test set, and a quarter as many each where the lexicon
    branch ranks the right clip best against the latent one, and the other way round."""
    found = similarities(encoded.text, encoded.video, lexicon_share)
    queries = [
        _query(chosen, query, encoded, examples, vocabulary, found)
        for chosen, query in _chosen(found, encoded.clip_of, count)
    ]
    named = {key for query in queries for key in _keys(query)}
    clips = tuple(example for example in examples if example.key in named)
    captions = {example.key: example.captions[0] for example in clips}
    return Samples({"place": place, "queries": queries, "captions": captions}, clips)


def _chosen(found: dict[str, Tensor], clip_of: Tensor, count: int) -> Iterator[tuple[str, int]]:
    """Why a query was chosen, and its number; each query once."""
    contrasts = count // 4 if "fused" in found else 0
    fixed = spread(len(clip_of), count)
    yield from (("spread", query) for query in fixed)
    if not contrasts:
        return
    lead = _rank(found["latent"], clip_of).log() - _rank(found["lexicon"], clip_of).log()
    lead[fixed] = 0
    order = lead.sort(stable=True).indices.tolist()
    yield from (("lexicon", query) for query in order[::-1][:contrasts])
    yield from (("latent", query) for query in order[:contrasts])


def _rank(similarity: Tensor, clip_of: Tensor) -> Tensor:
    """(Q,) rank of each query's clip among (Q, G) similarities, ties shared."""
    relevant = clip_of[:, None] == torch.arange(similarity.shape[1], device=clip_of.device)
    return ranks(similarity, relevant).mean


def _query(
    chosen: str,
    query: int,
    encoded: Encoded,
    examples: Sequence[Example],
    vocabulary: Vocabulary | None,
    found: dict[str, Tensor],
) -> dict[str, Any]:
    answer = int(encoded.clip_of[query])
    number = int((encoded.clip_of[:query] == answer).sum())
    own = encoded.clip_of[query : query + 1]
    best = {
        name: scores[query].topk(min(RETRIEVED, scores.shape[1])) for name, scores in found.items()
    }
    shown = dict.fromkeys([answer, *(int(clip) for top in best.values() for clip in top.indices)])
    return {
        "key": examples[answer].key,
        "caption": examples[answer].captions[number],
        "chosen": chosen,
        "ranks": {name: _rank(scores[query][None], own).item() for name, scores in found.items()},
        "retrieved": {
            name: [
                [examples[int(clip)].key, round(float(value), 4)]
                for value, clip in zip(top.values, top.indices, strict=True)
            ]
            for name, top in best.items()
        },
        "words": {
            examples[clip].key: _matched(encoded, query, clip, vocabulary)
            for clip in shown
            if vocabulary is not None
        },
    }


def _matched(encoded: Encoded, query: int, clip: int, vocabulary: Vocabulary) -> list[list]:
    """The words that make up most of a pair's lexicon similarity, with their shares of it."""
    parts = encoded.text.lexicon[query] * encoded.video.lexicon[clip]
    return strongest_words(parts / parts.sum().clamp(min=1e-12), vocabulary, WORDS)


def _keys(query: dict[str, Any]) -> Iterator[str]:
    yield query["key"]
    for retrieved in query["retrieved"].values():
        yield from (key for key, _ in retrieved)
