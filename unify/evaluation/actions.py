"""Zero-shot action recognition: the name of the action that a clip shows (section 4.2, Table 3)."""

from dataclasses import dataclass

import torch
from torch import Tensor

from unify.data.corpora import ActionSplit
from unify.data.corpora.class_names import words
from unify.evaluation.encoding import averaged
from unify.evaluation.ranking import Ranks, ranks, recall
from unify.evaluation.retrieval import similarities
from unify.evaluation.retriever import Retriever

TOPS = (1, 5)


@dataclass(frozen=True)
class Recognised:
    """What a retriever makes of a split."""

    metrics: list[dict]
    """A row per representation and metric: top-1 and top-5, shares of the clips in per cent."""
    classes: list[dict]
    """Per class its name, its clips, and each representation's top-1 on them in per cent."""


def recognise(retriever: Retriever, split: ActionSplit) -> Recognised:
    """Rank all classes for every clip; a class is its name, in words, within each template."""
    names = [words(name) for name in split.classes]
    templates = retriever.evaluation.templates
    prompts = [template.replace("{}", name) for name in names for template in templates]
    text = averaged(retriever.texts(prompts), len(templates))
    found = similarities(text, retriever.clips(split.examples), retriever.evaluation.lexicon_share)
    labels = torch.tensor([clip.label for clip in split.examples], device=retriever.device)
    placed = {name: _ranks(similarity.T, labels) for name, similarity in found.items()}
    return Recognised(
        [row for name, each in placed.items() for row in _rows(name, each)],
        [_class(name, labels == label, placed) for label, name in enumerate(names)],
    )


def _ranks(similarity: Tensor, labels: Tensor) -> Ranks:
    """Rank of each clip's class, of (G, C) similarities to all classes."""
    classes = torch.arange(similarity.shape[1], device=labels.device)
    return ranks(similarity, labels[:, None] == classes)


def _rows(representation: str, found: Ranks) -> list[dict]:
    return [
        {
            "direction": "v2t",
            "representation": representation,
            "metric": f"top-{k}",
            "value": recall(found, k),
            "queries": len(found.first),
        }
        for k in TOPS
    ]


def _class(name: str, shown: Tensor, placed: dict[str, Ranks]) -> dict:
    """A class's own line; `shown` says which clips show it (a split may have none)."""
    count = int(shown.sum())
    top = {
        representation: recall(Ranks(found.first[shown], found.last[shown]), 1)
        for representation, found in placed.items()
        if count
    }
    return {"name": name, "clips": count, **top}
