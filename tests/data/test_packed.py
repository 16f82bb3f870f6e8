"""Examples as bytes that processes share."""

import multiprocessing
import pickle
from multiprocessing.reduction import ForkingPickler
from pathlib import Path

import pytest

from unify.data.corpora import load_corpus
from unify.data.example import Example, Member
from unify.data.packed import PackedExamples


def test_every_example_comes_back_as_it_was(world):
    examples = [
        *load_corpus("msrvtt", "train", world),
        Example("a", Path("/b/c.tar"), ("d", "\u00e9\u4e2d"), member=Member("a.mp4", 512, 9)),
        Example("e", Path("f.mov"), ("g",), is_image=True, seconds=30.0),
    ]
    packed = PackedExamples(examples)
    assert list(packed) == examples
    for outside in (len(examples), -1):
        with pytest.raises(IndexError):
            packed[outside]


def test_passing_them_to_a_process_takes_no_more_for_many_than_for_few(world):
    examples = load_corpus("webvid2m", "train", world)
    few, many = (len(ForkingPickler.dumps(PackedExamples(examples * k))) for k in (1, 100))
    assert many < few + 100 < len(pickle.dumps(examples))


def test_another_process_reads_the_same(world):
    examples = load_corpus("webvid2m", "train", world)
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool:
        assert pool.apply(list, (PackedExamples(examples),)) == examples
