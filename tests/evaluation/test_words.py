"""What a lexicon representation says, in words."""

import torch

from unify.data.tokens import shared_tokenizer
from unify.evaluation.words import activity, always_on, strongest_words
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
