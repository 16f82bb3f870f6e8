"""Test sets: every clip once, every text once, in the order of the corpus."""

from collections.abc import Iterator, Sequence
from functools import partial

import torch
from torch import Tensor

from unify.data.decoding import Decoder, check_decoder, read_example
from unify.data.example import Clip
from unify.data.sampling import eval_indices
from unify.data.tokens import shared_tokenizer
from unify.data.transforms import eval_transform, normalise


def iterate_clips(
    clips: Sequence[Clip],
    batch_size: int,
    *,
    num_frames: int,
    image_size: int,
    mean: Sequence[float],
    std: Sequence[float],
    num_clips: int = 1,
    decoder: Decoder = "decord",
) -> Iterator[Tensor]:
    """Frames of all clips, `num_clips` sets K of each: float32 (B, K, T, 3, H, W) each.

    Raises UnreadableClip: a test set is never made smaller or replaced; ValueError where the
    decoder is not installed.
    """
    check_decoder(decoder)
    choose = partial(eval_indices, num_frames=num_frames, num_clips=num_clips)

    def frames(clip: Clip) -> Tensor:
        found = eval_transform(read_example(clip, choose, decoder), image_size)
        sets = found.expand(num_clips, -1, -1, -1) if clip.is_image else found
        return sets.unflatten(0, (num_clips, -1))

    step = max(1, batch_size // num_clips)
    for start in range(0, len(clips), step):
        batch = torch.stack([frames(clip) for clip in clips[start : start + step]])
        yield normalise(batch, mean, std)


def iterate_texts(
    texts: Sequence[str], batch_size: int, *, max_tokens: int
) -> Iterator[tuple[Tensor, Tensor]]:
    """All texts: BERT ids (B, L) and mask (B, L) each."""
    for start in range(0, len(texts), batch_size):
        yield shared_tokenizer().encode(texts[start : start + batch_size], max_tokens)
