"""Training batches: the batch of a step is a pure function of the seed and the step.

So a resumed run reads what the uninterrupted one would have, whatever the number of loader
processes, and W training processes together read what one would.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from unify.data.decoding import Decoder, UnreadableClip, check_decoder, read_example
from unify.data.example import Example
from unify.data.order import EpochOrder
from unify.data.packed import PackedExamples
from unify.data.sampling import train_indices
from unify.data.tokens import PAD, chosen_words, mask_tokens, shared_tokenizer, token_places
from unify.data.transforms import TrainTransform, normalise
from unify.data.unreadable import Unreadable
from unify.processes import helpers


@dataclass(frozen=True)
class Batch:
    """One rank's share of a step's clips and captions, row by row the same pairs."""

    step: int
    corpus: str
    video: Tensor
    """float32 (B, T, 3, H, W), normalised; T is 1 for images."""
    ids: Tensor
    """int64 (B, L), BERT ids."""
    mask: Tensor
    """bool (B, L), True on tokens."""
    places: Tensor
    """int64 (N,), rising: the tokens, by their place in the flattened `ids`."""
    masked_ids: Tensor
    """int64 (B, L), `ids` with some words masked or replaced."""
    mlm_places: Tensor
    """int64 (K,), rising: the words chosen for MLM, by their place in the flattened `ids`."""
    mlm_words: Tensor
    """int64 (K,), their true ids."""
    keys: tuple[str, ...]
    paths: tuple[str, ...]
    replaced: int = 0
    """Rows whose planned clip could not be decoded."""
    unreadable: tuple[UnreadableClip, ...] = ()
    """The clips that could not be decoded, and why."""

    def to(self, device: torch.device) -> "Batch":
        """A copy with all tensors on the device."""
        return self._each(lambda tensor: tensor.to(device, non_blocking=True))

    def pin_memory(self) -> "Batch":
        """A copy in memory from which a GPU reads while it computes; PyTorch's loader asks."""
        return self._each(Tensor.pin_memory)

    def _each(self, change: Callable[[Tensor], Tensor]) -> "Batch":
        tensors = {k: v for k, v in vars(self).items() if isinstance(v, Tensor)}
        return replace(self, **{name: change(tensor) for name, tensor in tensors.items()})


class Sample(NamedTuple):
    """What fills one row of a batch: a clip, one of its captions, and the rest of its chance."""

    example: Example
    caption: str
    rng: np.random.Generator


@dataclass(kw_only=True)
class TrainStream:
    """Training batches of several corpora in turn: step k reads corpus number k % n.

    Raises ValueError where a corpus has fewer examples than the batch or the decoder is not
    installed.
    """

    corpora: Mapping[str, Sequence[Example]] = field(kw_only=False)
    num_frames: int
    image_size: int
    """Side of the clips in pixels."""
    crop_scale: tuple[float, float]
    """Range of the random crop's share of the area."""
    flip: bool
    mean: Sequence[float]
    std: Sequence[float]
    max_tokens: int
    """Longest caption in word pieces, specials included."""
    mlm_ratio: float
    """Share of the words chosen for MLM."""
    batch_size: int
    """Clips per step over all processes."""
    seed: int
    vocab_ids: Sequence[int] | None
    """BERT ids that MLM's random words are drawn from; None for all."""
    max_unreadable_share: float = 0.0
    """Share of a corpus that may turn out unreadable and is replaced; counted per process."""
    decoder: Decoder = "decord"
    rank: int = 0
    world_size: int = 1

    def __post_init__(self) -> None:
        check_decoder(self.decoder)
        if self.batch_size % self.world_size:
            raise ValueError(
                f"plan.batch_size={self.batch_size} does not divide among {self.world_size} "
                "processes; make it a multiple"
            )
        self._orders = [
            EpochOrder(name, len(examples), self.batch_size, self.seed)
            for name, examples in self.corpora.items()
        ]
        self._transform = TrainTransform(
            size=self.image_size, scale=self.crop_scale, flip=self.flip
        )
        sizes = {name: len(examples) for name, examples in self.corpora.items()}
        self.unreadable = Unreadable(sizes, self.max_unreadable_share)

    def batch(self, step: int) -> Batch:
        """This rank's contiguous share of the batch of a step; in place of clips that cannot be
        decoded others, and which they are.

        Raises UnreadableClip where no other can be decoded either.
        """
        visit, turn = divmod(step, len(self._orders))
        corpus = self._orders[turn].corpus
        clips, spare = self._orders[turn].batch(visit)
        planned = [self._sample(corpus, step, row, int(clip)) for row, clip in enumerate(clips)]
        unreadable: list[UnreadableClip] = []
        read = [
            self._readable(planned[row], self._spares(corpus, step, row, spare), unreadable)
            for row in range(self.batch_size)[self._share]
        ]
        samples = [sample for sample, _ in read]
        return Batch(
            step=step,
            corpus=corpus,
            video=normalise(torch.stack([clip for _, clip in read]), self.mean, self.std),
            **self._texts(step, planned, samples),
            keys=tuple(sample.example.key for sample in samples),
            paths=tuple(str(sample.example.place) for sample in samples),
            replaced=sum(a is not b for a, b in zip(samples, planned[self._share], strict=True)),
            unreadable=tuple(unreadable),
        )

    def iterate(self, start: int, stop: int, workers: int = 0) -> Iterator[Batch]:
        """Batches of the steps from `start` up to `stop`, decoded here or by `workers`.

        Raises UnreadableClip for a clip that cannot be decoded, unless it may be replaced.
        """
        for batch in self._made(start, stop, workers):
            self.unreadable.add(batch.corpus, batch.replaced, batch.unreadable)
            yield batch

    def _made(self, start: int, stop: int, workers: int) -> Iterator[Batch]:
        if not workers:
            yield from map(self.batch, range(start, stop))
            return
        packed = {name: PackedExamples(examples) for name, examples in self.corpora.items()}
        loader = DataLoader(
            _Steps(replace(self, corpora=packed), range(start, stop)),
            batch_size=None,
            num_workers=workers,
            pin_memory=torch.cuda.is_available(),
            multiprocessing_context=helpers(),
        )
        for batch in loader:
            if isinstance(batch, ValueError):
                raise batch
            yield batch

    @property
    def _share(self) -> slice:
        """This rank's rows."""
        rows = self.batch_size // self.world_size
        return slice(self.rank * rows, (self.rank + 1) * rows)

    def _sample(self, corpus: str, step: int, row: int, clip: int, attempt: int = 0) -> Sample:
        example = self.corpora[corpus][clip]
        rng = np.random.default_rng((self.seed, step, row, attempt))
        return Sample(example, example.captions[rng.integers(len(example.captions))], rng)

    def _spares(self, corpus: str, step: int, row: int, spare: np.ndarray) -> Iterator[Sample]:
        """What may take a row's place, in this order."""
        for attempt, clip in enumerate(spare[row :: self.batch_size], start=1):
            yield self._sample(corpus, step, row, int(clip), attempt)

    def _readable(
        self, sample: Sample, spares: Iterator[Sample], unreadable: list[UnreadableClip]
    ) -> tuple[Sample, Tensor]:
        """A row's sample and frames; in place of an unreadable clip, one of the row's spares."""
        for spare in spares:
            try:
                return sample, self._frames(sample)
            except UnreadableClip as error:
                unreadable.append(error)
                sample = spare
        return sample, self._frames(sample)

    def _frames(self, sample: Sample) -> Tensor:
        choose = partial(train_indices, num_frames=self.num_frames, rng=sample.rng)
        frames = read_example(sample.example, choose, self.decoder)
        return self._transform(frames, sample.rng)

    def _texts(self, step: int, planned: list[Sample], taken: list[Sample]) -> dict[str, Tensor]:
        """This rank's tokens. Length and masks are the planned batch's, so that ranks agree."""
        encode = shared_tokenizer().rows
        rows = encode([sample.caption for sample in planned], self.max_tokens)
        length = max(map(len, rows))
        rows[self._share] = encode([sample.caption for sample in taken], length)
        ids = torch.tensor([row + [PAD] * (length - len(row)) for row in rows])
        rng = np.random.default_rng((self.seed, step, self.batch_size))
        masked, labels = mask_tokens(ids, rng, self.mlm_ratio, self.vocab_ids)
        ids, masked, labels = (whole[self._share] for whole in (ids, masked, labels))
        places, words = chosen_words(labels)
        return {
            "ids": ids,
            "mask": ids != PAD,
            "places": token_places(ids != PAD),
            "masked_ids": masked,
            "mlm_places": places,
            "mlm_words": words,
        }


class _Steps(Dataset):
    """A stream's steps, as PyTorch's loader processes ask for them."""

    def __init__(self, stream: TrainStream, steps: range) -> None:
        self.stream = stream
        self.steps = steps

    def __len__(self) -> int:
        return len(self.steps)

    def __getitem__(self, index: int) -> Batch | ValueError:
        try:
            return self.stream.batch(self.steps[index])
        except ValueError as error:  # the loader would rebuild it from its text alone
            return error
