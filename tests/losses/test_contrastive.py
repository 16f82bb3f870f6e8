"""The contrastive loss against the formula, written out over rows."""

import numpy as np
import pytest
import torch

from unify.losses.contrastive import Similarities, cosine, info_nce

of_batch = Similarities.of_batch


def one_direction(similarity, temperature):
    """Mean over rows of -log(exp(own / tau) / sum of exp(all / tau))."""
    terms = []
    for k, row in enumerate(similarity):
        chances = np.exp(row / temperature)
        terms.append(-np.log(chances[k] / chances.sum()))
    return np.mean(terms)


@pytest.mark.parametrize("temperature", [0.05, 0.7])
def test_info_nce_equals_the_formula_in_every_direction_mode(temperature, seed):
    similarity = torch.rand(5, 5, dtype=torch.float64) * 2 - 1
    t2v = one_direction(similarity.numpy(), temperature)
    v2t = one_direction(similarity.numpy().T, temperature)
    expected = {"t2v": t2v, "v2t": v2t, "sum": t2v + v2t, "mean": (t2v + v2t) / 2}
    for mode, value in expected.items():
        found = info_nce(of_batch(similarity), temperature, mode)
        assert float(found) == pytest.approx(value, rel=1e-12), mode
    assert t2v != pytest.approx(v2t)


@pytest.mark.parametrize("mode", ["t2v", "v2t", "sum", "mean"])
def test_the_mean_over_parts_of_a_batch_is_the_loss_of_all_of_it(mode, seed):
    similarity = torch.rand(6, 6, dtype=torch.float64)
    parts = [
        Similarities(similarity[k : k + 2], similarity.T[k : k + 2], first=k) for k in (0, 2, 4)
    ]
    losses = [float(info_nce(part, 0.2, mode)) for part in parts]
    assert np.mean(losses) == pytest.approx(float(info_nce(of_batch(similarity), 0.2, mode)))


def test_info_nce_of_equal_similarities_is_chance(seed):
    loss = info_nce(of_batch(torch.full((6, 6), 0.3, dtype=torch.float64)), 0.05, "t2v")
    assert float(loss) == pytest.approx(np.log(6), rel=1e-12)


def test_info_nce_rewards_the_diagonal(seed):
    assert float(info_nce(of_batch(torch.eye(4)), 0.05)) < 1e-6
    assert float(info_nce(of_batch(torch.eye(4).roll(1, 0)), 0.05)) > 30


def test_cosine_equals_the_formula(seed):
    text, video = torch.randn(3, 7, dtype=torch.float64), torch.randn(4, 7, dtype=torch.float64)
    a, b = text.numpy(), video.numpy()
    expected = (a @ b.T) / np.outer(np.linalg.norm(a, axis=1), np.linalg.norm(b, axis=1))
    found = cosine(text, video)
    assert found.dtype == torch.float32
    np.testing.assert_allclose(found.numpy(), expected, atol=1e-6)  # computed in float32


def test_cosine_does_not_depend_on_lengths(seed):
    text, video = torch.randn(3, 7), torch.randn(4, 7)
    scales = torch.rand(3, 1) * 100 + 0.01
    torch.testing.assert_close(cosine(text * scales, video), cosine(text, video))


def test_a_zero_vector_is_similar_to_nothing_and_has_a_finite_gradient(seed):
    text, video = torch.randn(3, 7), torch.randn(3, 7)
    text[1] = 0
    text.requires_grad_()
    found = cosine(text, video)
    assert found[1].abs().max() == 0
    info_nce(of_batch(found), 0.05).backward()
    assert torch.isfinite(text.grad).all()


def test_cosine_of_bfloat16_vectors_is_computed_in_float32(seed):
    text, video = torch.randn(3, 70).bfloat16(), torch.randn(4, 70).bfloat16()
    torch.testing.assert_close(cosine(text, video), cosine(text.float(), video.float()))
