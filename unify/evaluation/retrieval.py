"""Text-to-video and video-to-text retrieval on one test set (section 4.2)."""

import torch
from torch import Tensor

from unify.evaluation.encoding import Encoded
from unify.evaluation.ranking import ranks, summary
from unify.losses.contrastive import cosine
from unify.systems.unify import Representations


def similarities(
    text: Representations, video: Representations, lexicon_share: float
) -> dict[str, Tensor]:
    """(Q, G) similarities by representation: latent, lexicon, and their weighted sum, fused."""
    found = {}
    for name in ("latent", "lexicon"):
        texts, videos = getattr(text, name), getattr(video, name)
        if texts is not None:
            found[name] = cosine(texts, videos)
    if len(found) == 2:
        share = lexicon_share
        found["fused"] = (1 - share) * found["latent"] + share * found["lexicon"]
    return found


def metric_rows(encoded: Encoded, lexicon_share: float) -> list[dict]:
    """A row per direction, representation and metric."""
    clips = torch.arange(int(encoded.clip_of.max()) + 1, device=encoded.clip_of.device)
    relevant = encoded.clip_of[:, None] == clips
    found = similarities(encoded.text, encoded.video, lexicon_share)
    rows = []
    for representation, similarity in found.items():
        for direction, scores, answers in (
            ("t2v", similarity, relevant),
            ("v2t", similarity.T, relevant.T),
        ):
            for metric, value in summary(ranks(scores, answers)).items():
                rows.append(
                    {
                        "direction": direction,
                        "representation": representation,
                        "metric": metric,
                        "value": value,
                        "queries": len(scores),
                    }
                )
    return rows
