"""Which clips form the batch of a step: shuffled epochs as a pure function of the seed."""

import zlib
from dataclasses import dataclass, field

import numpy as np


@dataclass
class EpochOrder:
    """The order of one corpus. A clip comes once an epoch at most, so never twice in a batch.

    Each epoch is a new shuffle; what does not fill a whole batch at its end is left out of that
    epoch, as PyTorch's `drop_last` does.
    """

    corpus: str
    size: int
    """Number of examples."""
    batch_size: int
    seed: int
    _shuffle: tuple[int, np.ndarray] | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if self.size < self.batch_size:
            raise ValueError(
                f"corpus {self.corpus} has {self.size} examples, fewer than the batch of "
                f"{self.batch_size}; lower plan.batch_size or take a larger corpus"
            )

    def batch(self, visit: int) -> tuple[np.ndarray, np.ndarray]:
        """The clips of this corpus's batch number `visit`, and those that may replace them."""
        epoch, place = divmod(visit, self.size // self.batch_size)
        shuffle = self._shuffled(epoch)
        start, stop = place * self.batch_size, (place + 1) * self.batch_size
        return shuffle[start:stop], np.concatenate([shuffle[stop:], shuffle[:start]])

    def _shuffled(self, epoch: int) -> np.ndarray:
        if self._shuffle is None or self._shuffle[0] != epoch:
            rng = np.random.default_rng((self.seed, zlib.crc32(self.corpus.encode()), epoch))
            self._shuffle = epoch, rng.permutation(self.size)
        return self._shuffle[1]
