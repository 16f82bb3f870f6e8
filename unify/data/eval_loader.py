"""Test sets: every clip once, every text once, in the order of the corpus."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from unify.data.decoding import Decoder, UnreadableClip, check_decoder, read_example
from unify.data.example import Clip
from unify.data.sampling import eval_indices
from unify.data.tokens import shared_tokenizer
from unify.data.transforms import eval_transform, normalise
from unify.processes import helpers


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
    workers: int = 0,
) -> Iterator[Tensor]:
    """Frames of all clips, `num_clips` sets K of each: float32 (B, K, T, 3, H, W) each.

    Decoded here, or by so many `workers`. Raises ValueError for a clip that cannot be decoded, as a
    test set is never made smaller in silence, and where the decoder is not installed.
    """
    check_decoder(decoder)
    loader = DataLoader(
        _Frames(clips, num_frames, num_clips, image_size, decoder),
        batch_size=max(1, batch_size // num_clips),
        num_workers=workers,
        multiprocessing_context=helpers() if workers else None,
        collate_fn=_stacked,
    )
    for batch in loader:
        if isinstance(batch, UnreadableClip):
            raise ValueError(
                f"{batch.path} cannot be decoded: {batch.why}; download it again, or leave such "
                "clips out with evaluation.incomplete=true"
            ) from batch
        yield normalise(batch, mean, std)


def iterate_texts(
    texts: Sequence[str], batch_size: int, *, max_tokens: int
) -> Iterator[tuple[Tensor, Tensor]]:
    """All texts: BERT ids (B, L) and mask (B, L) each."""
    for start in range(0, len(texts), batch_size):
        yield shared_tokenizer().encode(texts[start : start + batch_size], max_tokens)


@dataclass
class _Frames(Dataset):
    """Clips by number: uint8 (K, T, 3, H, W), or why one cannot be decoded."""

    clips: Sequence[Clip]
    num_frames: int
    num_clips: int
    image_size: int
    decoder: Decoder

    def __len__(self) -> int:
        return len(self.clips)

    def __getitem__(self, index: int) -> Tensor | UnreadableClip:
        clip = self.clips[index]
        choose = partial(eval_indices, num_frames=self.num_frames, num_clips=self.num_clips)
        try:
            frames = eval_transform(read_example(clip, choose, self.decoder), self.image_size)
        except UnreadableClip as error:  # the loader would rebuild it from its text alone
            return error
        sets = frames.expand(self.num_clips, -1, -1, -1) if clip.is_image else frames
        return sets.unflatten(0, (self.num_clips, -1))


def _stacked(batch: list[Tensor | UnreadableClip]) -> Tensor | UnreadableClip:
    unreadable = [one for one in batch if isinstance(one, UnreadableClip)]
    return unreadable[0] if unreadable else torch.stack(batch)
