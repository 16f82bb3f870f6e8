"""Ranks and metrics: worked examples, ties, and a plain reference that sorts."""

import numpy as np
import pytest
import torch

from unify.evaluation.ranking import Ranks, ranks, recall, summary

PAIRS = torch.eye(4, dtype=torch.bool)


def test_ranks_of_a_worked_example():
    similarity = torch.tensor(
        [
            [0.9, 0.1, 0.2, 0.3],  # first
            [0.5, 0.4, 0.1, 0.2],  # second: one above
            [0.9, 0.8, 0.1, 0.7],  # last
            [0.2, 0.6, 0.5, 0.5],  # one above, one level: between 2 and 3
        ]
    )
    assert ranks(similarity, PAIRS).mean.tolist() == [1, 2, 4, 2.5]


def test_ranks_of_queries_with_several_answers_count_the_best_one():
    similarity = torch.tensor([[0.1, 0.9, 0.5, 0.3], [0.4, 0.4, 0.4, 0.1]])
    relevant = torch.tensor([[1, 0, 1, 0], [1, 1, 0, 0]], dtype=torch.bool)
    # one irrelevant item above 0.5; in the second row one irrelevant item is level with 0.4
    assert ranks(similarity, relevant).mean.tolist() == [2, 1.5]


def test_summary_of_a_worked_example():
    first = torch.tensor([1, 2, 6, 11], dtype=torch.float64)
    last = torch.tensor([1, 3, 6, 11], dtype=torch.float64)
    expected = {"R@1": 25, "R@5": 50, "R@10": 75, "MedR": 4.25, "MeanR": 5.125}
    assert summary(Ranks(first, last)) == expected


def test_recall_counts_a_tied_query_by_the_share_of_its_ranks_that_count():
    first = torch.tensor([4, 5, 6], dtype=torch.float64)
    last = torch.tensor([7, 5, 9], dtype=torch.float64)
    assert recall(Ranks(first, last), 5) == pytest.approx(100 * (2 / 4 + 1 + 0) / 3)


@pytest.mark.parametrize("value", [0.0, 0.7])
def test_a_model_that_says_the_same_of_everything_scores_chance(value):
    size = 101
    similarity = torch.full((size, size), value)
    found = summary(ranks(similarity, torch.eye(size, dtype=torch.bool)))
    chance = {f"R@{k}": 100 * k / size for k in (1, 5, 10)}
    assert found == pytest.approx(chance | {"MedR": 51, "MeanR": 51})


def test_a_model_that_says_nothing_finite_scores_worst():
    similarity = torch.full((20, 20), float("nan"))
    found = summary(ranks(similarity, torch.eye(20, dtype=torch.bool)))
    assert found == {"R@1": 0, "R@5": 0, "R@10": 0, "MedR": 20, "MeanR": 20}


def test_one_query_without_finite_similarities_does_not_help_the_others():
    similarity = torch.eye(4)
    similarity[2] = float("nan")
    assert ranks(similarity, PAIRS).mean.tolist() == [1, 1, 4, 1]


def by_sorting(similarity, relevant):
    """Place of the first answer among the wrong items, best first; no ties."""
    found = []
    for row, answers in zip(similarity.numpy(), relevant.numpy(), strict=True):
        best = max(row[answers])
        order = sorted([*row[~answers], best], reverse=True)
        found.append(order.index(best) + 1)
    return found


def test_ranks_equal_a_sort_where_there_are_no_ties(seed):
    similarity = torch.randn(20, 30, dtype=torch.float64)
    relevant = torch.rand(20, 30) < 0.1
    relevant[torch.arange(20), torch.randint(30, (20,))] = True
    assert ranks(similarity, relevant).mean.tolist() == by_sorting(similarity, relevant)


def test_ranks_with_ties_are_the_mean_over_all_orders_of_the_tied_items(seed):
    similarity = torch.randint(0, 4, (15, 8)).double()
    relevant = torch.zeros(15, 8, dtype=torch.bool)
    relevant[torch.arange(15), torch.randint(8, (15,))] = True
    places = []
    for _ in range(4000):
        noise = torch.rand(15, 8, dtype=torch.float64) / 10
        places.append(by_sorting(similarity + noise, relevant))
    # ranks of 8 items spread by 2.3 at most: 4000 draws give a standard error below 0.04
    expected = np.mean(places, axis=0)
    np.testing.assert_allclose(ranks(similarity, relevant).mean.numpy(), expected, atol=0.2)


def test_the_order_of_the_gallery_does_not_matter(seed):
    similarity = torch.randint(0, 5, (10, 12)).float()
    relevant = torch.zeros(10, 12, dtype=torch.bool)
    relevant[torch.arange(10), torch.randint(12, (10,))] = True
    order = torch.randperm(12)
    shuffled = ranks(similarity[:, order], relevant[:, order])
    found = ranks(similarity, relevant)
    assert torch.equal(shuffled.first, found.first) and torch.equal(shuffled.last, found.last)
