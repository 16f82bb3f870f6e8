"""Random batches of a config's sizes: steps can be timed without clips and their decoding."""

import numpy as np
import torch

from unify.config import RunConfig
from unify.data.loader import Batch
from unify.data.tokens import CLS, PAD, SEP, SPECIAL, chosen_words, mask_tokens, token_places

USED = 355
"""Word pieces that `lexicon.entries = "used"` keeps in the miniature world."""
FIRST = 2000
"""BERT id from which on all are words."""
WORDS = 20
"""Of the longest caption."""


def kept_ids(config: RunConfig) -> list[int] | None:
    """As many BERT ids as the config's model keeps in the miniature world; None for all."""
    if config.model.lexicon.entries == "all":
        return None
    return [*SPECIAL, *range(FIRST, FIRST + USED - len(SPECIAL))]


def random_batch(config: RunConfig, step: int, rows: slice) -> Batch:
    """Some rows of a random batch of `plan.batch_size` clips with captions of 1 to `WORDS` words,
    one of them as long."""
    rng = np.random.default_rng(0)
    count, data = config.plan.batch_size, config.data
    shape = (count, data.num_frames, 3, data.image_size, data.image_size)
    entries = kept_ids(config)
    ids = torch.full((count, WORDS + 2), PAD)
    ids[:, 0] = CLS
    for row, length in enumerate([WORDS, *rng.integers(1, WORDS + 1, count - 1)]):
        ids[row, 1 : length + 1] = torch.from_numpy(
            rng.integers(FIRST, FIRST + USED - len(SPECIAL), length)
        )
        ids[row, length + 1] = SEP
    masked, labels = mask_tokens(ids, rng, config.objective.mlm_ratio, entries)
    places, words = chosen_words(labels[rows])
    video = torch.from_numpy(rng.standard_normal(shape, dtype=np.float32))
    return Batch(
        step=step,
        corpus="random",
        video=video[rows],
        ids=ids[rows],
        mask=(ids != PAD)[rows],
        places=token_places(ids[rows] != PAD),
        masked_ids=masked[rows],
        mlm_places=places,
        mlm_words=words,
        keys=(),
        paths=(),
    )
