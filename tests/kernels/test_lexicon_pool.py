"""The lexicon's pooling against a loop over features and words."""

import math

import pytest
import torch

from unify.kernels import lexicon_pool

FORMULAS = {
    "log1p_relu": lambda x: math.log1p(max(x, 0.0)),
    "relu": lambda x: max(x, 0.0),
    "elu1p": lambda x: (x if x > 0 else math.expm1(x)) + 1,
}
POOLINGS = {
    "max": lambda values: max(values, default=0.0),
    "sum": sum,
    "mean": lambda values: sum(values) / max(1, len(values)),
}
REDUCTIONS = {"max": "amax", "sum": "sum", "mean": "mean"}


def inputs(dtype=torch.float32):
    hidden, weight, bias = torch.randn(3, 5, 4), torch.randn(7, 4), torch.randn(7)
    mask = torch.rand(3, 5) < 0.6
    mask[0], mask[1] = True, False
    mask[2] = torch.arange(5) == 3
    return hidden.to(dtype), weight.to(dtype), bias.to(dtype), mask


def by_loop(hidden, weight, bias, mask, activation, pooling):
    rows = []
    for features, counts in zip(hidden.double(), mask, strict=True):
        row = []
        for word, offset in zip(weight.double(), bias.double(), strict=True):
            scores = [float(feature @ word + offset) for feature in features[counts]]
            row.append(POOLINGS[pooling]([FORMULAS[activation](score) for score in scores]))
        rows.append(row)
    return torch.tensor(rows, dtype=torch.float32)


def scores_activated(scores, activation):
    if activation == "elu1p":
        return torch.where(scores > 0, scores, scores.expm1()) + 1
    positive = scores.clamp(min=0)
    return positive if activation == "relu" else (1 + positive).log()


@pytest.mark.parametrize("activation", FORMULAS)
@pytest.mark.parametrize("pooling", POOLINGS)
def test_pooling_equals_a_loop_over_the_features_that_count(activation, pooling, seed):
    hidden, weight, bias, mask = inputs()
    kinds = {"activation": activation, "pooling": pooling}
    found = lexicon_pool(hidden, weight, bias, mask, **kinds)
    torch.testing.assert_close(found, by_loop(hidden, weight, bias, mask, **kinds))
    assert found.min() >= 0
    assert found[1].abs().max() == 0, "a row without features that count is zero"
    everything = lexicon_pool(hidden, weight, bias, None, **kinds)
    full = torch.ones_like(mask)
    torch.testing.assert_close(everything, by_loop(hidden, weight, bias, full, **kinds))


@pytest.mark.parametrize("activation", FORMULAS)
@pytest.mark.parametrize("pooling", POOLINGS)
def test_gradients_are_those_of_the_plain_formula(activation, pooling, seed):
    hidden, weight, bias, mask = inputs(torch.float64)
    ours = [t.clone().requires_grad_() for t in (hidden, weight, bias)]
    plain = [t.clone().requires_grad_() for t in (hidden, weight, bias)]
    found = lexicon_pool(*ours, mask, activation=activation, pooling=pooling)
    found.double().square().sum().backward()
    for features, counts in zip(plain[0], mask, strict=True):
        if counts.any():
            scores = features[counts] @ plain[1].T + plain[2]
            pooled = getattr(scores_activated(scores, activation), REDUCTIONS[pooling])(0)
            pooled.square().sum().backward()
    assert ours[0].grad[~mask].abs().max() == 0
    for tensor, expected in zip(ours, plain, strict=True):
        # words leave as float32, and so do their gradients
        torch.testing.assert_close(tensor.grad, expected.grad, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("pooling", POOLINGS)
def test_features_in_bfloat16_give_float32_words(pooling, seed):
    hidden, weight, bias, mask = inputs(torch.bfloat16)
    found = lexicon_pool(hidden, weight, bias, mask, pooling=pooling)
    assert found.dtype == torch.float32
    expected = by_loop(hidden, weight, bias, mask, "log1p_relu", pooling)
    # scores carry 8 bits: 2 ** -8 relative on sums of up to five scores of size about 4
    torch.testing.assert_close(found, expected, rtol=2e-2, atol=1e-1)
