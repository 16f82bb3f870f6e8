"""Text-to-video and video-to-text retrieval on one test set (section 4.2)."""

from collections.abc import Iterable
from dataclasses import dataclass

import torch
from torch import Tensor

from unify.evaluation.ranking import ranks, summary
from unify.losses.contrastive import cosine
from unify.systems.unify import Representations, Unify


@dataclass(frozen=True)
class Encoded:
    """A test set's representations."""

    video: Representations
    """(G, ...) clips."""
    text: Representations
    """(Q, ...) captions."""
    clip_of: Tensor
    """(Q,) index of each caption's clip."""


@torch.inference_mode()
def encode(model: Unify, clips: Iterable[Tensor], captions: Iterable[tuple]) -> Encoded:
    """Run a test set through the model, batch by batch."""
    model.eval()
    videos = [model.encode_video(video) for video in clips]
    texts, owners = [], []
    for ids, mask, clip_of in captions:
        texts.append(model.encode_text(ids, mask))
        owners.append(clip_of)
    return Encoded(_joined(videos), _joined(texts), torch.cat(owners))


def similarities(encoded: Encoded, lexicon_share: float) -> dict[str, Tensor]:
    """(Q, G) similarities by representation: latent, lexicon, and their weighted sum, fused."""
    found = {}
    for name in ("latent", "lexicon"):
        text, video = getattr(encoded.text, name), getattr(encoded.video, name)
        if text is not None:
            found[name] = cosine(text, video)
    if len(found) == 2:
        share = lexicon_share
        found["fused"] = (1 - share) * found["latent"] + share * found["lexicon"]
    return found


def metric_rows(encoded: Encoded, lexicon_share: float) -> list[dict]:
    """A row per direction, representation and metric."""
    clips = torch.arange(int(encoded.clip_of.max()) + 1, device=encoded.clip_of.device)
    relevant = encoded.clip_of[:, None] == clips
    rows = []
    for representation, similarity in similarities(encoded, lexicon_share).items():
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


def _joined(parts: list[Representations]) -> Representations:
    def joined(name: str) -> Tensor | None:
        values = [getattr(part, name) for part in parts]
        return None if values[0] is None else torch.cat([value.float() for value in values])

    return Representations(joined("latent"), joined("lexicon"))
