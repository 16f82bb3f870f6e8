"""Test sets: every clip once, every caption once, in the order of the corpus."""

from collections.abc import Iterator, Sequence
from functools import partial

import torch
from torch import Tensor

from unify.data.decoding import Decoder, check_decoder, read_example
from unify.data.example import Example
from unify.data.sampling import eval_indices
from unify.data.tokens import shared_tokenizer
from unify.data.transforms import eval_transform, normalise


def iterate_clips(
    examples: Sequence[Example],
    batch_size: int,
    *,
    num_frames: int,
    image_size: int,
    mean: Sequence[float],
    std: Sequence[float],
    decoder: Decoder = "decord",
) -> Iterator[Tensor]:
    """Middle frames of all clips: float32 (B, T, 3, H, W) each.

    Raises UnreadableClip: a test set is never made smaller or replaced; ValueError where the
    decoder is not installed.
    """
    check_decoder(decoder)
    choose = partial(eval_indices, num_frames=num_frames)
    for start in range(0, len(examples), batch_size):
        clips = [
            eval_transform(read_example(example, choose, decoder), image_size)
            for example in examples[start : start + batch_size]
        ]
        yield normalise(torch.stack(clips), mean, std)


def iterate_captions(
    examples: Sequence[Example], batch_size: int, *, max_tokens: int
) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
    """All captions of all clips: ids (B, L), mask (B, L), and each one's clip number (B,)."""
    pairs = [(text, clip) for clip, example in enumerate(examples) for text in example.captions]
    for start in range(0, len(pairs), batch_size):
        texts, owners = zip(*pairs[start : start + batch_size], strict=True)
        yield *shared_tokenizer().encode(texts, max_tokens), torch.tensor(owners)
