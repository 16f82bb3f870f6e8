"""The Triton kernels against float64."""

import importlib.util
from collections.abc import Callable, Iterator
from itertools import product

import pytest
import torch
from kernel_process import call, kernel_process

from unify.kernels import by_triton

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("triton") is None, reason="needs Triton, which comes with CUDA's torch"
)

ROUNDING = {torch.float32: 1e-6, torch.bfloat16: 2**-7}
"""Of a result, relative; the interpreter cuts where a GPU rounds to the nearest."""


@pytest.fixture(scope="module")
def run() -> Iterator[Callable]:
    """Calls a function of `by_triton` by name, in a process for it."""
    with kernel_process() as process:
        yield lambda name, *arguments: process.submit(call, name, *arguments).result()


def inputs(B, T, D, V, dtype=torch.float32, kept=None):
    tensors = [torch.randn(shape).to(dtype) for shape in [(B, T, D), (V, D), (V,)]]
    return *tensors, None if kept is None else torch.rand(B, T) < kept


def scores(hidden, weight, bias, mask):
    """(B, T, V) in float64; -inf where a token does not count."""
    every = hidden.double() @ weight.double().T + bias.double()
    return every if mask is None else every.masked_fill(~mask[..., None], float("-inf"))


def first_largest(every):
    """Values and lowest places, (B, V); NaN is the largest, and 0 the place of nothing."""
    every = torch.where(every.isnan(), float("nan"), every)
    values = every.amax(1)
    has_it = (every == values[:, None]) | every.isnan()
    return values, has_it.int().argmax(1).int()


SIZES = [(2, 40, 20, 20), (3, 5, 17, 7), (1, 32, 16, 33), (2, 1, 16, 3)]
"""Whole blocks of tokens and a tail; several samples a program; words beyond a block; one token."""


@pytest.mark.parametrize(("dtype", "kept"), [(torch.float32, 0.6), (torch.bfloat16, None)])
@pytest.mark.parametrize("sizes", SIZES)
def test_values_and_places_are_those_of_the_largest_scores(dtype, kept, sizes, run, seed):
    given = inputs(*sizes, dtype, kept)
    values, places = run("largest", *given)
    every = scores(*given)
    expected, _ = first_largest(every)
    # products of 16 bits are exact in float32, where they are added up
    torch.testing.assert_close(values.double(), expected, rtol=2e-6, atol=5e-6)
    at_places = every.gather(1, places.long()[:, None])[:, 0]
    torch.testing.assert_close(at_places, expected, rtol=2e-6, atol=5e-6)
    assert values.dtype == torch.float32 and places.dtype == torch.int32


def test_of_equal_scores_the_lowest_token_that_counts_is_taken(run, seed):
    hidden = torch.randint(-1, 2, (4, 40, 16)).float()
    weight, bias = torch.randint(-1, 2, (20, 16)).float(), torch.randint(-3, 4, (20,)).float()
    mask = torch.rand(4, 40) < 0.5
    mask[1], mask[2] = False, torch.arange(40) == 39
    values, places = run("largest", hidden, weight, bias, mask)
    expected = first_largest(scores(hidden, weight, bias, mask))
    assert torch.equal(values.double(), expected[0])
    assert torch.equal(places, expected[1])
    assert values[1].eq(float("-inf")).all() and places[1].eq(0).all()


@pytest.mark.parametrize("token", [3, 35])
def test_a_score_that_is_no_number_stays_and_one_that_does_not_count_is_ignored(token, run, seed):
    hidden, weight, bias, mask = inputs(3, 40, 20, 5, kept=0.5)
    hidden[:, token, 2] = float("nan")
    mask[0], mask[1], mask[2] = True, torch.arange(40) >= token, torch.arange(40) != token
    values, places = run("largest", hidden, weight, bias, mask)
    assert values[:2].isnan().all() and values[2].isfinite().all()
    assert places[:2].eq(token).all() and places[2].ne(token).all()


def test_a_word_that_is_no_number_spoils_no_other_word_and_no_empty_sample(run, seed):
    hidden, weight, bias, mask = inputs(2, 5, 20, 5, kept=0.5)
    weight[2], bias[4], mask[0], mask[1] = float("nan"), float("nan"), True, False
    values, _ = run("largest", hidden, weight, bias, mask)
    assert values[0].isnan().tolist() == [False, False, True, False, True]
    assert values[1].eq(float("-inf")).all()


def test_a_score_of_minus_infinity_counts(run, seed):
    hidden, weight, bias, mask = inputs(1, 40, 16, 5, kept=0.5)
    hidden[0, :, 0], weight[:, 0] = float("-inf"), 1.0
    mask[0] = torch.arange(40) >= 34
    values, places = run("largest", hidden, weight, bias, mask)
    assert values.eq(float("-inf")).all() and places.eq(34).all()


@pytest.mark.parametrize("empty", [(0, 4), (2, 0)])
def test_no_samples_or_no_tokens_have_no_largest_score(empty, run, seed):
    hidden, weight, bias, mask = inputs(*empty, 16, 5, kept=0.5)
    values, places = run("largest", hidden, weight, bias, mask)
    assert values.shape == places.shape == (empty[0], 5)
    assert values.eq(float("-inf")).all() and places.eq(0).all()
    found = run("gradients", torch.zeros(values.shape), places, hidden, weight, (True,) * 3)
    for gradient, like in zip(found, (hidden, weight, bias), strict=True):
        assert gradient.shape == like.shape and gradient.eq(0).all()


def plain_gradients(gradient, places, hidden, weight):
    """Gradients in float64, and the sums of absolute values that their rounding goes by."""
    found, size = (
        [torch.zeros(x.shape, dtype=torch.float64) for x in (hidden, weight, weight[:, 0])]
        for _ in range(2)
    )
    for b, v in product(*map(range, gradient.shape)):
        t, g = int(places[b, v]), gradient[b, v].double()
        parts = (g * weight[v].double(), g * hidden[b, t].double(), g)
        for sums, take in ((found, lambda x: x), (size, torch.abs)):
            sums[0][b, t] += take(parts[0])
            sums[1][v] += take(parts[1])
            sums[2][v] += take(parts[2])
    return found, size


def assert_equal_gradients(found, gradient, places, hidden, weight):
    exact, size = plain_gradients(gradient, places, hidden, weight)
    for ours, plain, most in zip(found, exact, size, strict=True):
        assert ours.dtype == hidden.dtype and ours.shape == plain.shape
        error = (ours.double() - plain).abs()
        assert (error <= ROUNDING[ours.dtype] * plain.abs() + 1e-6 * most).all()


@pytest.mark.parametrize("active", [1.0, 0.1])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_gradients_are_the_sums_over_the_places(dtype, active, run, seed):
    hidden, weight, _, _ = inputs(3, 4, 20, 37, dtype)
    places = torch.randint(4, (3, 37)).int()
    gradient = torch.randn(3, 37) * (torch.rand(3, 37) < active)
    found = run("gradients", gradient, places, hidden, weight, (True, True, True))
    assert_equal_gradients(found, gradient, places, hidden, weight)


def test_one_token_may_win_all_words(run, seed):
    hidden, weight, _, _ = inputs(2, 3, 16, 700)
    places = torch.stack([torch.full((700,), 2), torch.arange(700) // 690]).int()
    gradient = torch.randn(2, 700)
    gradient[:, 300:340] = 0
    found = run("gradients", gradient, places, hidden, weight, (True, True, True))
    assert_equal_gradients(found, gradient, places, hidden, weight)


def test_only_wanted_gradients_are_given(run, seed):
    hidden, weight, _, _ = inputs(1, 2, 16, 3)
    gradient, places = torch.randn(1, 3), torch.tensor([[0, 1, 1]]).int()
    every = run("gradients", gradient, places, hidden, weight, (True, True, True))
    for wanted in product((True, False), repeat=3):
        found = run("gradients", gradient, places, hidden, weight, wanted)
        for ours, full, asked in zip(found, every, wanted, strict=True):
            assert torch.equal(ours, full) if asked else ours is None


def test_a_gradient_that_is_no_number_reaches_its_token_and_word_only(run, seed):
    hidden, weight, _, _ = inputs(2, 3, 16, 5)
    gradient, places = torch.randn(2, 5), torch.randint(3, (2, 5)).int()
    gradient[1, 4], places[1, 4] = float("nan"), 2
    found = run("gradients", gradient, places, hidden, weight, (True, True, True))
    assert torch.equal(found[0].isnan().all(2).nonzero(), torch.tensor([[1, 2]]))
    assert torch.equal(found[1].isnan().all(1).nonzero(), torch.tensor([[4]]))
    assert sum(int(x.isnan().sum()) for x in found) == 16 + 16 + 1


def test_nothing_is_taken_where_the_gradient_is_zero(run, seed):
    hidden, weight, _, _ = inputs(2, 3, 16, 5)
    gradient, places = torch.randn(2, 5), torch.randint(2, (2, 5)).int()
    gradient[:, 4], places[:, 4] = 0, 2
    hidden[:, 2] = weight[4] = float("nan")
    found = run("gradients", gradient, places, hidden, weight, (True, True, True))
    assert found[0][:, 2].eq(0).all() and found[1][4].eq(0).all()
    assert all(x.isfinite().all() for x in found)


def test_expanded_gradients_are_read_as_they_look(run, seed):
    hidden, weight, _, _ = inputs(2, 3, 16, 5)
    places = torch.randint(3, (2, 5)).int()
    gradient = torch.randn(5).expand(2, 5)
    found = run("gradients", gradient, places, hidden, weight, (True, True, True))
    assert_equal_gradients(found, gradient, places, hidden, weight)


def test_the_kernels_are_for_cuda():
    assert not by_triton.is_usable(torch.zeros(1))


def test_views_of_other_memory_are_read_right_by_the_operation(run, seed):
    hidden = torch.randn(9, 2, 2 * 16)[:, :, ::2].transpose(0, 1)
    weight, bias = torch.randn(16, 20).T, torch.randn(20, 3)[:, 1]
    mask = (torch.rand(9, 2) < 0.7).T
    mask[:, 4] = True
    upstream = torch.randn(20, 2).T
    values, found = run("op", hidden, weight, bias, mask, upstream)
    leaves = [tensor.double().requires_grad_() for tensor in (hidden, weight, bias)]
    expected = scores(*leaves, mask).amax(1)
    torch.testing.assert_close(values.double(), expected, rtol=2e-6, atol=5e-6)
    exact = torch.autograd.grad(expected, leaves, upstream.double())
    for ours, plain in zip(found, exact, strict=True):
        torch.testing.assert_close(ours.double(), plain, rtol=1e-5, atol=1e-5)
