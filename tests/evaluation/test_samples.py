"""Queries and what is retrieved for them, from representations made by hand."""

import math
from pathlib import Path

import pytest
import torch

from unify.data.example import Example
from unify.data.tokens import shared_tokenizer
from unify.evaluation.encoding import Encoded
from unify.evaluation.retrieval import metric_rows
from unify.evaluation.samples import RETRIEVED, sample
from unify.evaluation.words import lexicon_report
from unify.models.vocabulary import Vocabulary
from unify.systems.unify import Representations

WORDS = ("dog", "cat", "tree", "car", "boat", "moon")
VOCABULARY = Vocabulary(
    [0, 100, 101, 102, 103, *(shared_tokenizer().words.index(w) for w in WORDS)]
)
CLIPS = 40


def examples(captions_each=1):
    return [
        Example(
            f"video{k}", Path(f"{k}.mp4"), tuple(f"{k} caption {n}" for n in range(captions_each))
        )
        for k in range(CLIPS)
    ]


def random_test_set(captions_each=1, lexicon=True):
    owners = torch.arange(CLIPS).repeat_interleave(captions_each)
    sides = {}
    for side, count in (("video", CLIPS), ("text", len(owners))):
        words = torch.rand(count, len(VOCABULARY)).sub(0.5).clamp(min=0) if lexicon else None
        sides[side] = Representations(torch.randn(count, 8), words)
    return Encoded(clip_of=owners, **sides)


@pytest.mark.parametrize("captions_each", [1, 3])
def test_ranks_and_retrieved_clips_agree_with_the_metrics(captions_each, seed):
    encoded = random_test_set(captions_each)
    asked = len(encoded.clip_of)
    made = sample("msrvtt/test_1ka", encoded, examples(captions_each), VOCABULARY, 0.5, asked)
    queries = {q["caption"]: q for q in made.record["queries"] if q["chosen"] == "spread"}
    assert len(queries) == asked
    rows = metric_rows(encoded, 0.5)
    for name in ("latent", "lexicon", "fused"):
        values = {
            row["metric"]: row["value"]
            for row in rows
            if (row["direction"], row["representation"]) == ("t2v", name)
        }
        ranks = [query["ranks"][name] for query in queries.values()]
        assert sum(ranks) / asked == pytest.approx(values["MeanR"])
        for query in queries.values():
            keys = [key for key, _ in query["retrieved"][name]]
            assert len(keys) == RETRIEVED
            assert (query["key"] == keys[0]) == (query["ranks"][name] == 1)


def test_the_words_shares_of_a_pair_sum_to_its_whole_similarity(seed):
    encoded = random_test_set()
    made = sample("msrvtt/test_1ka", encoded, examples(), VOCABULARY, 0.5, 8)
    for query in made.record["queries"]:
        assert set(query["words"]) == {
            query["key"],
            *(key for found in query["retrieved"].values() for key, _ in found),
        }
        words = dict(query["words"][query["key"]])
        clip = int(query["key"].removeprefix("video"))
        common = (encoded.text.lexicon[clip] * encoded.video.lexicon[clip]) > 0
        assert len(words) == min(8, int(common.sum()))
        if words:
            assert sum(words.values()) == pytest.approx(1, abs=1e-3)


def test_queries_are_chosen_where_one_branch_does_best_against_the_other():
    video = torch.eye(CLIPS)
    latent, lexicon = video.clone(), video.clone()
    latent[5], lexicon[11] = video[6], video[12]  # each branch is wrong about one query
    words = torch.zeros(CLIPS, len(VOCABULARY))
    assert len(VOCABULARY) < CLIPS
    encoded = Encoded(
        Representations(video, torch.cat([video, words], 1)),
        Representations(latent, torch.cat([lexicon, words], 1)),
        torch.arange(CLIPS),
    )
    chosen = {
        query["chosen"]: query["key"]
        for query in sample("a/b", encoded, examples(), None, 0.5, 4).record["queries"]
    }
    assert (chosen["lexicon"], chosen["latent"]) == ("video5", "video11")


def test_a_model_without_a_lexicon_has_samples_without_words(seed):
    made = sample("a/b", random_test_set(lexicon=False), examples(), None, 0.5, 8)
    queries = made.record["queries"]
    assert len(queries) == 8
    assert {query["chosen"] for query in queries} == {"spread"}
    assert all(query["words"] == {} and set(query["ranks"]) == {"latent"} for query in queries)


def test_every_named_clip_comes_with_its_caption(seed):
    made = sample("a/b", random_test_set(), examples(), VOCABULARY, 0.5, 8)
    named = {query["key"] for query in made.record["queries"]}
    named |= {
        key for q in made.record["queries"] for found in q["retrieved"].values() for key, _ in found
    }
    assert {clip.key for clip in made.clips} == set(made.record["captions"]) == named


def test_no_samples_are_none():
    made = sample("a/b", random_test_set(), examples(), VOCABULARY, 0.5, 0)
    assert made.record["queries"] == []
    assert made.clips == ()


@pytest.mark.parametrize("captions_each", [1, 2])
@pytest.mark.parametrize("clips", [1, 2])
def test_of_a_test_set_of_one_or_two_clips_everything_is_defined(clips, captions_each, seed):
    owners = torch.arange(clips).repeat_interleave(captions_each)
    sides = [
        Representations(torch.randn(count, 8), torch.rand(count, len(VOCABULARY)))
        for count in (clips, len(owners))
    ]
    encoded, shown = Encoded(*sides, owners), examples(captions_each)[:clips]
    rows = metric_rows(encoded, 0.5)
    assert len(rows) == 30
    for row in rows:
        best = {"R@5": 100, "R@10": 100}.get(row["metric"])
        assert row["value"] == best if best else 0 <= row["value"] <= 100
    if clips == 1:
        assert {row["value"] for row in rows} == {1.0, 100.0}
    made = sample("msrvtt/test_1ka", encoded, shown, VOCABULARY, 0.5, 8)
    assert len(made.record["queries"]) >= len(owners) and len(made.clips) == clips
    report = lexicon_report(encoded, shown, VOCABULARY, 8)
    assert len(report["examples"]) == clips
    assert math.isfinite(report["video_relevant"])
