"""FLOPs, self-distillation and masked words against their formulas."""

import numpy as np
import pytest
import torch

from unify.losses.contrastive import Similarities
from unify.losses.distillation import distillation
from unify.losses.flops import flops, mean_activation
from unify.losses.mlm import masked_word_loss

of = Similarities.of_batch


def test_flops_is_the_sum_over_words_of_the_squared_mean_activation(seed):
    activations = torch.rand(4, 9, dtype=torch.float64)
    expected = sum((sum(row[j] for row in activations) / 4) ** 2 for j in range(9))
    assert float(flops(mean_activation(activations))) == pytest.approx(float(expected), rel=1e-6)


def test_normalised_flops_uses_rows_of_length_one(seed):
    activations = torch.rand(4, 9, dtype=torch.float64) * 50
    rows = activations.numpy() / np.linalg.norm(activations.numpy(), axis=1, keepdims=True)
    expected = (rows.mean(0) ** 2).sum()
    found = float(flops(mean_activation(activations, normalised=True)))
    assert found == pytest.approx(expected, rel=1e-6)
    assert found <= 1
    assert float(flops(mean_activation(torch.zeros(2, 3), normalised=True))) == 0


def test_flops_prefers_words_that_few_samples_share():
    spread, shared = torch.eye(4), torch.zeros(4, 4)
    shared[:, 0] = 1
    assert float(flops(mean_activation(spread))) == pytest.approx(1 / 4)
    assert float(flops(mean_activation(shared))) == pytest.approx(1)


def softmax(row, temperature):
    powers = np.exp((row - row.max()) / temperature)
    return powers / powers.sum()


def divergence(teacher, student, temperature):
    """Mean over rows of sum p log(p / q)."""
    pairs = [
        (softmax(a, temperature), softmax(b, temperature))
        for a, b in zip(teacher, student, strict=True)
    ]
    return np.mean([(p * np.log(p / q)).sum() for p, q in pairs])


@pytest.mark.parametrize("temperature", [0.05, 0.5])
def test_distillation_is_the_mean_divergence_over_both_directions(temperature, seed):
    teacher, student = (torch.rand(5, 5, dtype=torch.float64) * 2 - 1 for _ in range(2))
    a, b = teacher.numpy(), student.numpy()
    expected = (divergence(a, b, temperature) + divergence(a.T, b.T, temperature)) / 2
    assert float(distillation(of(teacher), of(student), temperature)) == pytest.approx(
        expected, rel=1e-10
    )
    other_way = float(distillation(of(student), of(teacher), temperature))
    assert other_way != pytest.approx(expected, rel=1e-3)


def test_equal_similarities_have_nothing_to_distil(seed):
    similarity = torch.rand(5, 5, dtype=torch.float64)
    assert abs(float(distillation(of(similarity), of(similarity), 0.05))) < 1e-14
    shifted = distillation(of(similarity), of(similarity + 0.2), 0.05)
    assert abs(float(shifted)) < 1e-12, "softmax does not see a constant"


def test_distillation_moves_the_student_towards_the_teacher(seed):
    teacher = torch.rand(4, 4)
    student = torch.rand(4, 4, requires_grad=True)
    before = distillation(of(teacher), of(student), 0.5)
    before.backward()
    after = distillation(of(teacher), of(student.detach() - 0.1 * student.grad), 0.5)
    assert float(after) < float(before.detach())


def test_the_masked_word_loss_is_the_summed_cross_entropy(seed):
    scores, words = torch.randn(6, 11, dtype=torch.float64), torch.randint(11, (6,))
    expected = sum(
        -np.log(softmax(row, 1)[word])
        for row, word in zip(scores.numpy(), words.tolist(), strict=True)
    )
    assert float(masked_word_loss(scores, words)) == pytest.approx(expected, rel=1e-6)


def test_without_masked_words_the_loss_is_zero_and_has_a_gradient(seed):
    scores = torch.randn(0, 11, requires_grad=True)
    loss = masked_word_loss(scores, torch.zeros(0, dtype=torch.long))
    loss.backward()
    assert loss == 0
