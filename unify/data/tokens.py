"""Captions as BERT's word pieces, and masks over them."""

from collections.abc import Iterable, Sequence
from functools import cache

import numpy as np
import torch
from tokenizers import Tokenizer as Engine
from tokenizers.models import WordPiece
from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer
from tokenizers.processors import TemplateProcessing
from torch import Tensor

from unify.data.assets import asset

PAD, UNK, CLS, SEP, MASK = 0, 100, 101, 102, 103
SPECIAL = (PAD, UNK, CLS, SEP, MASK)
"""BERT's ids of its special entries."""
FIRST_WORD = 999
"""First id that is no special or unused entry: random words are drawn from here on."""

IGNORED = -100
"""Label of a token that the MLM loss leaves out."""
MASKED_SHARE, RANDOM_SHARE = 0.8, 0.1
"""Of the chosen tokens: replaced by [MASK], and by a random word; the rest stay (BERT)."""


class Tokenizer:
    """BERT's uncased tokenizer on the vocabulary shipped with this package."""

    def __init__(self) -> None:
        self.words = tuple(asset("vocab.txt").splitlines())
        """The entries; a word's index is its id."""
        self._engine = _engine(self.words)

    def encode(self, texts: Sequence[str], max_tokens: int) -> tuple[Tensor, Tensor]:
        """Texts as ids with [CLS] and [SEP], padded to the longest text.

        Returns ids int64 (B, L) and mask bool (B, L), True on tokens; L is at most `max_tokens`.
        """
        rows = self.rows(texts, max_tokens)
        ids = torch.full((len(rows), max(map(len, rows), default=0)), PAD)
        for k, row in enumerate(rows):
            ids[k, : len(row)] = torch.tensor(row)
        return ids, ids != PAD

    def rows(self, texts: Sequence[str], max_tokens: int | None = None) -> list[list[int]]:
        """Ids of each text, specials included, cut to `max_tokens` with [SEP] kept."""
        rows = [encoding.ids for encoding in self._engine.encode_batch_fast(list(texts))]
        if max_tokens is None:
            return rows
        return [row if len(row) <= max_tokens else [*row[: max_tokens - 1], SEP] for row in rows]


@cache
def shared_tokenizer() -> Tokenizer:
    """One tokenizer for the process: its vocabulary takes a moment to read."""
    return Tokenizer()


def used_entries(captions: Iterable[str]) -> list[int]:
    """Sorted BERT ids of all word pieces in the captions, and of the special entries."""
    rows = shared_tokenizer().rows(sorted(set(captions)))
    return sorted({*SPECIAL, *(entry for row in rows for entry in row)})


def mask_tokens(
    ids: Tensor, rng: np.random.Generator, ratio: float, vocab_ids: Sequence[int] | None = None
) -> tuple[Tensor, Tensor]:
    """Mask words as BERT does: a share of them, of which 80 % [MASK], 10 % random, 10 % kept.

    Args:
        ids: int64, any shape; special entries are never chosen.
        rng: where the choice comes from.
        ratio: share of words chosen, each by its own lot.
        vocab_ids: entries that random words are drawn from; None for the whole vocabulary.

    Returns:
        The ids with replacements, and labels: the true id where chosen, else -100.
    """
    lot, kind = (torch.from_numpy(rng.random(ids.shape)) for _ in range(2))
    words = _candidates(vocab_ids)
    random = torch.from_numpy(words[rng.integers(len(words), size=ids.shape)])
    chosen = (lot < ratio) & ~torch.isin(ids, torch.tensor(SPECIAL))
    inputs = torch.where(chosen & (kind < MASKED_SHARE), MASK, ids)
    inputs = torch.where(chosen & (kind >= 1 - RANDOM_SHARE), random, inputs)
    return inputs, torch.where(chosen, ids, IGNORED)


def token_places(mask: Tensor) -> Tensor:
    """Where tokens are, as places in the flattened mask, rising: int64 (N,)."""
    return mask.flatten().nonzero()[:, 0]


def chosen_words(labels: Tensor) -> tuple[Tensor, Tensor]:
    """Where words were chosen, as places in the flattened labels, rising, and their true ids."""
    places = token_places(labels != IGNORED)
    return places, labels.flatten()[places]


def _candidates(vocab_ids: Sequence[int] | None) -> np.ndarray:
    if vocab_ids is None:
        return np.arange(FIRST_WORD, len(shared_tokenizer().words))
    return np.setdiff1d(np.asarray(vocab_ids, dtype=np.int64), SPECIAL)


def _engine(words: Sequence[str]) -> Engine:
    vocabulary = {word: number for number, word in enumerate(words)}
    engine = Engine(WordPiece(vocabulary, unk_token="[UNK]"))
    engine.normalizer = BertNormalizer(lowercase=True)
    engine.pre_tokenizer = BertPreTokenizer()
    engine.post_processor = TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", CLS), ("[SEP]", SEP)]
    )
    return engine
