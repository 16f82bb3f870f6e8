"""Tokens equal BERT's; masks have BERT's shares."""

from importlib.resources import files

import numpy as np
import pytest
import torch
from transformers.models.bert.tokenization_bert_legacy import BertTokenizerLegacy

from unify.data.corpora import load_corpus
from unify.data.tokens import (
    CLS,
    IGNORED,
    MASK,
    PAD,
    SEP,
    SPECIAL,
    UNK,
    Tokenizer,
    mask_tokens,
    used_entries,
)


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return Tokenizer()


@pytest.fixture(scope="module")
def bert() -> BertTokenizerLegacy:
    """BERT's own tokenizer, in plain Python."""
    return BertTokenizerLegacy(str(files("unify.assets").joinpath("vocab.txt")))


@pytest.fixture
def captions(tokenizer, rng) -> list[str]:
    """Captions of random words, pieces, capitals, accents and signs."""
    extra = ["Stra\u00dfe", "na\u00efve", "don't", "T-REX", "3.5", "\u732b", "\U0001f40d", "qzx"]
    words = [*rng.choice(tokenizer.words[999:], 400), *extra * 20]
    return [" ".join(rng.choice(words, int(n))).title() for n in rng.integers(0, 60, 40)]


def test_ids_equal_those_of_transformers(tokenizer, bert, captions, seed):
    ids, mask = tokenizer.encode(captions, max_tokens=32)
    expected = bert(captions, padding=True, truncation=True, max_length=32, return_tensors="pt")
    assert (ids == expected["input_ids"]).all(), seed
    assert (mask == expected["attention_mask"].bool()).all(), seed
    assert ids.dtype == torch.int64 and mask.dtype == torch.bool


def test_padding_goes_to_the_longest_and_no_further(tokenizer):
    ids, mask = tokenizer.encode(["a dog", "a dog and a cat"], max_tokens=40)
    assert ids.shape == (2, 7)
    assert ids[0].tolist() == [CLS, *ids[0, 1:3].tolist(), SEP, PAD, PAD, PAD]
    assert mask.sum(1).tolist() == [4, 7]


def test_the_special_ids_are_those_of_the_vocabulary(tokenizer):
    names = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    assert [tokenizer.words[entry] for entry in SPECIAL] == names
    assert (PAD, UNK, CLS, SEP, MASK) == SPECIAL


def test_masks_have_berts_shares(rng, seed):
    ids = torch.from_numpy(rng.integers(2000, 3000, (400, 500)))
    ids[:, 0], ids[:, -1], ids[:, 1] = CLS, SEP, UNK
    inputs, labels = mask_tokens(ids, rng, 0.15, range(5000, 5100))
    chosen = labels != IGNORED
    words = 400 * 497
    assert abs(chosen.sum() / words - 0.15) < 0.005, seed
    assert (labels[chosen] == ids[chosen]).all()
    assert (inputs[~chosen] == ids[~chosen]).all()
    assert not chosen[torch.isin(ids, torch.tensor(SPECIAL))].any()
    kinds = {
        0.8: inputs[chosen] == MASK,
        0.1: (inputs[chosen] >= 5000) & (inputs[chosen] < 5100),
    }
    for share, found in kinds.items():
        assert abs(found.float().mean() - share) < 0.015, seed
    assert abs((inputs[chosen] == ids[chosen]).float().mean() - 0.1) < 0.015, seed


def test_random_words_are_never_special(rng, seed):
    ids = torch.full((200, 200), 2000)
    inputs, _ = mask_tokens(ids, rng, 1.0, [*SPECIAL, 7000])
    assert set(inputs.unique().tolist()) == {MASK, 2000, 7000}, seed
    inputs, _ = mask_tokens(ids, rng, 1.0)
    assert inputs[inputs != MASK].min() >= 999, seed


def test_the_same_chance_gives_the_same_masks(seed):
    ids = torch.arange(2000, 2400).view(4, 100)
    runs = [mask_tokens(ids, np.random.default_rng(seed), 0.15) for _ in range(2)]
    assert all((a == b).all() for a, b in zip(*runs, strict=True))


def test_used_entries_are_the_words_of_the_captions(world, tokenizer):
    texts = [c for e in load_corpus("webvid2m", "train", world) for c in e.captions]
    entries = used_entries(texts)
    words = {word for text in texts for word in text.split()}
    assert entries == sorted(set(entries))
    assert {tokenizer.words[entry] for entry in set(entries) - set(SPECIAL)} == words
    assert set(SPECIAL) <= set(entries)
