"""Metric rows from representations made by hand."""

import pytest
import torch

from unify.evaluation.encoding import Encoded
from unify.evaluation.ranking import ranks, summary
from unify.evaluation.retrieval import metric_rows, similarities
from unify.losses.contrastive import cosine
from unify.systems.unify import Representations

METRICS = ("R@1", "R@5", "R@10", "MedR", "MeanR")


def encoded(clip_of, latent, lexicon=(None, None)):
    """A test set from pairs of video and text vectors."""
    video, text = zip(latent, lexicon, strict=True)
    return Encoded(Representations(*video), Representations(*text), torch.tensor(clip_of))


def values(rows, direction, representation):
    return {
        row["metric"]: row["value"]
        for row in rows
        if (row["direction"], row["representation"]) == (direction, representation)
    }


def test_several_captions_per_clip_are_queries_one_by_one_and_answers_together():
    # clips along the axes; clip 0 has three captions, one of them wrong, clip 1 has one, wrong
    video = torch.eye(2)
    text = torch.tensor([[1.0, 0.1], [1.0, 0.2], [0.1, 1.0], [1.0, 0.3]])
    rows = metric_rows(encoded([0, 0, 0, 1], (video, text)), 0.5)
    t2v, v2t = values(rows, "t2v", "latent"), values(rows, "v2t", "latent")
    assert (t2v["R@1"], t2v["MedR"], t2v["MeanR"]) == (50, 1.5, 1.5)
    # clip 0 finds its own caption first; for clip 1 only caption 2, of clip 0, is nearer
    assert (v2t["R@1"], v2t["MeanR"]) == (50, 1.5)
    assert {r["queries"] for r in rows if r["direction"] == "t2v"} == {4}
    assert {r["queries"] for r in rows if r["direction"] == "v2t"} == {2}


def test_there_is_a_row_for_each_direction_representation_and_metric(seed):
    latent, lexicon = torch.randn(2, 6, 3), torch.rand(2, 6, 9)
    both = encoded(range(6), latent, lexicon)
    rows = metric_rows(both, 0.5)
    found = [(r["direction"], r["representation"], r["metric"]) for r in rows]
    assert len(found) == len(set(found)) == 2 * 3 * 5
    assert {r["representation"] for r in rows} == {"latent", "lexicon", "fused"}
    assert {r["metric"] for r in rows} == set(METRICS)


def test_a_model_of_one_branch_has_no_fused_rows(seed):
    rows = metric_rows(encoded(range(4), torch.randn(2, 4, 3)), 0.5)
    assert {r["representation"] for r in rows} == {"latent"}


@pytest.mark.parametrize("share", [0.5, 0.2])
def test_similarities_fuse_cosines_by_their_shares(share, seed):
    latent, lexicon = (torch.randn(4, 3), torch.randn(6, 3)), (torch.rand(4, 9), torch.rand(6, 9))
    owners = [0, 1, 2, 3, 3, 3]
    made = encoded(owners, latent, lexicon)
    found = similarities(made.text, made.video, share)
    torch.testing.assert_close(found["latent"], cosine(latent[1], latent[0]))
    torch.testing.assert_close(found["lexicon"], cosine(lexicon[1], lexicon[0]))
    expected = (1 - share) * found["latent"] + share * found["lexicon"]
    torch.testing.assert_close(found["fused"], expected)
    if share == 0.5:  # ranks of the plain sum, which is 1:1
        relevant = torch.tensor(owners)[:, None] == torch.arange(4)
        plain = summary(ranks(found["latent"] + found["lexicon"], relevant))
        assert values(metric_rows(made, share), "t2v", "fused") == pytest.approx(plain)


def test_an_empty_lexicon_scores_chance_and_leaves_the_latent_ranks_to_the_fusion(seed):
    size = 41
    latent, empty = torch.randn(2, size, 5), torch.zeros(2, size, 9)
    rows = metric_rows(encoded(range(size), latent, empty), 0.5)
    for direction in ("t2v", "v2t"):
        chance = {f"R@{k}": 100 * k / size for k in (1, 5, 10)} | {"MedR": 21, "MeanR": 21}
        assert values(rows, direction, "lexicon") == pytest.approx(chance)
        assert values(rows, direction, "fused") == values(rows, direction, "latent")


def test_the_order_of_clips_and_captions_does_not_matter(seed):
    video, text = torch.randn(5, 3), torch.randn(12, 3)
    owners = torch.cat([torch.arange(5), torch.randint(5, (7,))])
    rows = metric_rows(encoded(owners.tolist(), (video, text)), 0.5)
    clips, captions = torch.randperm(5), torch.randperm(12)
    moved = clips.argsort()[owners][captions]
    shuffled = metric_rows(encoded(moved.tolist(), (video[clips], text[captions])), 0.5)
    for row, other in zip(rows, shuffled, strict=True):
        assert other["value"] == pytest.approx(row["value"]), row
