"""The Triton kernels at the size of the paper, on a GPU."""

import pytest
import torch
from kernel_process import CUDA

from unify.kernels import by_triton

pytestmark = pytest.mark.skipif(not CUDA, reason="needs a CUDA GPU with bfloat16")

CLIPS, TOKENS, FEATURES, WORDS = 64, 785, 768, 30_522


@pytest.fixture
def given(seed):
    """Hidden states, weight, bias and mask."""
    shapes = [(CLIPS, TOKENS, FEATURES), (WORDS, FEATURES), (WORDS,)]
    tensors = [torch.randn(shape, device="cuda").bfloat16() for shape in shapes]
    return *tensors, torch.rand(CLIPS, TOKENS, device="cuda") < 0.8


def test_the_largest_scores_of_a_full_batch(given):
    hidden, weight, bias, mask = given
    values, places = by_triton.largest(*given)
    for clip in range(CLIPS):
        scores = hidden[clip].double() @ weight.double().T + bias.double()
        scores.masked_fill_(~mask[clip, :, None], float("-inf"))
        expected = scores.amax(0)
        at_places = scores.gather(0, places[clip, None].long())[0]
        torch.testing.assert_close(values[clip].double(), expected, rtol=1e-5, atol=1e-4)
        torch.testing.assert_close(at_places, expected, rtol=1e-5, atol=1e-4)


@pytest.mark.parametrize("active", [1.0, 0.03])
def test_the_gradients_of_a_full_batch(active, given):
    hidden, weight, _, _ = given
    places = torch.randint(TOKENS, (CLIPS, WORDS), device="cuda").int()
    places[: CLIPS // 2, : WORDS // 2] = 7
    gradient = torch.randn(CLIPS, WORDS, device="cuda")
    gradient *= torch.rand_like(gradient) < active
    found = by_triton.gradients(gradient, places, hidden, weight, (True, True, True))
    exact = [torch.zeros(x.shape, device="cuda", dtype=torch.float64) for x in (hidden, weight)]
    for clip in range(CLIPS):
        amount, place = gradient[clip, :, None].double(), places[clip].long()
        exact[0][clip].index_add_(0, place, amount * weight.double())
        exact[1] += amount * hidden[clip, place].double()
    exact.append(gradient.double().sum(0))
    for ours, plain in zip(found, exact, strict=True):
        torch.testing.assert_close(ours.double(), plain, rtol=2**-8, atol=1e-3)
    again = by_triton.gradients(gradient, places, hidden, weight, (True, True, True))
    assert all(torch.equal(*both) for both in zip(found, again, strict=True))


def test_what_tuning_chooses_changes_no_bit(given, monkeypatch):
    from unify.kernels import triton_forward

    choices = list(triton_forward.HALF)
    found = []
    for choice in choices:
        monkeypatch.setattr(triton_forward, "HALF", [choice])
        triton_forward._largest.cache.clear()
        found.append(by_triton.largest(*given))
    triton_forward._largest.cache.clear()
    for values, places in found:
        assert torch.equal(values, found[0][0]) and torch.equal(places, found[0][1])
