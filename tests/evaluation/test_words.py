"""What a lexicon representation says, in words."""

from pathlib import Path

import pytest
import torch

from unify.data.example import Example
from unify.data.tokens import shared_tokenizer
from unify.evaluation.words import (
    activity,
    always_on,
    caption_words,
    relevance,
    strongest_words,
)
from unify.models.vocabulary import Vocabulary


def test_strongest_words_are_named_by_their_bert_ids_strongest_first():
    words = shared_tokenizer().words
    ids = sorted(words.index(word) for word in ("[UNK]", "dog", "ball", "red", "runs"))
    vocabulary = Vocabulary(ids)
    weights = torch.zeros(len(ids))
    for word, weight in (("dog", 0.5), ("red", 2.25), ("runs", 0.123456)):
        weights[ids.index(words.index(word))] = weight
    assert strongest_words(weights, vocabulary) == [["red", 2.25], ["dog", 0.5], ["runs", 0.1235]]
    assert strongest_words(weights, vocabulary, top=1) == [["red", 2.25]]
    assert strongest_words(torch.zeros(len(ids)), vocabulary) == []


def test_activity_counts_active_words_and_empty_vectors():
    weights = torch.tensor([[0.0, 0.0, 0.0], [1.0, 0.2, 0.0], [0.0, 3.0, 0.0], [1.0, 1.0, 1.0]])
    assert activity(weights) == (1.5, 0.25)


def test_words_that_are_active_everywhere_are_counted():
    assert always_on(torch.tensor([[1.0, 0.2, 0.0], [0.1, 0.0, 0.0], [2.0, 1.0, 0.0]])) == 1


def test_relevance_is_the_share_of_the_strongest_words_that_the_captions_say():
    weights = torch.tensor([[5.0, 4, 3, 0], [1, 0, 0, 0], [0, 0, 0, 0], [1, 2, 3, 4]])
    said = torch.tensor([[1, 0, 1, 1], [1, 1, 1, 1], [1, 1, 1, 1], [0, 0, 0, 1]]).bool()
    # words 0, 1, 2 of which two are said; one of one; none active; the strongest two, one said
    assert relevance(weights, said) == pytest.approx((2 / 3 + 1 + 0 + 1 / 4) / 4)
    assert relevance(weights, said, top=2) == pytest.approx((1 / 2 + 1 + 0 + 1 / 2) / 4)


def test_words_of_captions_are_those_of_all_captions_without_special_entries():
    words = shared_tokenizer().words
    ids = sorted({0, 100, 101, 102, 103, *(words.index(w) for w in ("dog", "cat", "moon"))})
    said = caption_words(
        [
            Example("a", Path("a"), ("a dog", "one cat")),
            Example("b", Path("b"), ("the moon",)),
            Example("c", Path("c"), ("nothing known",)),
        ],
        Vocabulary(ids),
    )
    found = [{words[ids[k]] for k in row.nonzero()[:, 0]} for row in said]
    assert found == [{"dog", "cat"}, {"moon"}, set()]
