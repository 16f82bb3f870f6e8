"""Clips and texts through a model, batch by batch."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from unify.systems.unify import Representations, Unify

Progress = Callable[[int, int], None]
"""Called with what is done and how much there is."""
Encoding = Callable[[int], None]
"""Called with the number of clips or texts in each batch that was encoded."""


@dataclass(frozen=True)
class Encoded:
    """A test set's representations."""

    video: Representations
    """(G, ...) clips."""
    text: Representations
    """(Q, ...) captions."""
    clip_of: Tensor
    """(Q,) index of each caption's clip."""


class Count:
    """Clips and texts encoded so far, for a progress that takes these and their total."""

    def __init__(self, total: int, progress: Progress) -> None:
        self._done = 0
        self._total = total
        self._progress = progress
        progress(0, total)

    def __call__(self, more: int) -> None:
        """So many more."""
        self._done += more
        self._progress(self._done, self._total)


def ignore(*numbers: int) -> None:
    """A progress, or a count, that nobody wants to see."""


@torch.inference_mode()
def encode_clips(
    model: Unify, batches: Iterable[Tensor], encoded: Encoding = ignore
) -> Representations:
    """Clips in batches (B, K, T, 3, S, S): (G, ...), averaged over each clip's K sets of frames."""
    model.eval()

    def encode(batch: Tensor) -> Representations:
        found = averaged(model.encode_video(batch.flatten(0, 1)), batch.shape[1])
        encoded(len(batch))
        return found

    return _joined(map(encode, batches))


@torch.inference_mode()
def encode_texts(
    model: Unify, batches: Iterable[tuple[Tensor, Tensor]], encoded: Encoding = ignore
) -> Representations:
    """Texts in batches of ids and mask (B, L): (Q, ...)."""
    model.eval()

    def encode(batch: tuple[Tensor, Tensor]) -> Representations:
        found = model.encode_text(*batch)
        encoded(len(batch[0]))
        return found

    return _joined(map(encode, batches))


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
