"""Clips and texts through a model, batch by batch."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

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
def encode_clips(model: Unify, batches: Iterable[Tensor]) -> Representations:
    """Clips in batches (B, K, T, 3, S, S): (G, ...), averaged over each clip's K sets of frames."""
    model.eval()
    return _joined(
        averaged(model.encode_video(batch.flatten(0, 1)), batch.shape[1]) for batch in batches
    )


@torch.inference_mode()
def encode_texts(model: Unify, batches: Iterable[tuple[Tensor, Tensor]]) -> Representations:
    """Texts in batches of ids and mask (B, L): (Q, ...)."""
    model.eval()
    return _joined(model.encode_text(ids, mask) for ids, mask in batches)


def averaged(found: Representations, count: int) -> Representations:
    """Means over each `count` neighbours, after L2 normalisation: they weigh the same."""
    if count == 1:
        return found
    return _each(lambda v: F.normalize(v.float(), dim=-1).unflatten(0, (-1, count)).mean(1), found)


def _joined(parts: Iterable[Representations]) -> Representations:
    parts = list(parts)
    return _each(lambda *values: torch.cat([value.float() for value in values]), *parts)


def _each(function: Callable[..., Tensor], *parts: Representations) -> Representations:
    """Apply to each branch that is there."""
    pairs = [(part.latent, part.lexicon) for part in parts]
    latent, lexicon = zip(*pairs, strict=True)
    return Representations(
        *(None if values[0] is None else function(*values) for values in (latent, lexicon))
    )
