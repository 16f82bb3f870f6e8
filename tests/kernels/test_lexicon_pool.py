"""The lexicon's pooling: every back end against a loop over features and words in float64."""

import math
from itertools import product

import pytest
import torch

from unify.kernels import chunked, lexicon_pool

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
ERRORS = {torch.float64: 1e-6, torch.float32: 1e-6, torch.bfloat16: 1e-2}
"""Largest relative error of a whole tensor: words leave as float32; bfloat16 has 8 bits."""


@pytest.fixture(params=["reference", "chunked", "tiles of two words"])
def backend(request, monkeypatch):
    """Each back end; the chunked one with all words in one tile, and with tiles of two."""
    if request.param != "tiles of two words":
        return request.param
    monkeypatch.setattr(chunked, "_words_of_tile", lambda hidden: 2)
    return "chunked"


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


def plain_gradients(hidden, weight, bias, mask, upstream, activation, pooling):
    """Of the plain formula in float64, row by row."""
    leaves = [t.detach().double().requires_grad_() for t in (hidden, weight, bias)]
    for features, counts, gradient in zip(leaves[0], mask, upstream.double(), strict=True):
        if counts.any():
            scores = features[counts] @ leaves[1].T + leaves[2]
            pooled = getattr(scores_activated(scores, activation), REDUCTIONS[pooling])(0)
            (pooled * gradient).sum().backward()
    return [leaf.grad for leaf in leaves]


def gradients(hidden, weight, bias, mask, upstream, **kinds):
    leaves = [t.detach().clone().requires_grad_() for t in (hidden, weight, bias)]
    (lexicon_pool(*leaves, mask, **kinds) * upstream).sum().backward()
    return [leaf.grad for leaf in leaves]


def winners_gradients(hidden, weight, bias, mask, upstream):
    """Of log1p(relu(max)) in float64: all of it to the first feature that has the largest score."""
    scores = (hidden.double() @ weight.double().T + bias.double()).masked_fill(
        ~mask[..., None], float("-inf")
    )
    best = scores.amax(1, keepdim=True)
    first = (scores == best).int().argmax(1, keepdim=True)
    slope = torch.where(best > 0, 1 / (1 + best), 0)[:, 0] * upstream.double()
    share = torch.zeros_like(scores).scatter_(1, first, slope[:, None])  # B T V
    return (
        share @ weight.double(),
        torch.einsum("btv,btd->vd", share, hidden.double()),
        slope.sum(0),
    )


def whole_numbers(*shape, dtype):
    """Small ones: their scores are exact in 8 bits, with many ties."""
    return torch.randint(-3, 4, shape).to(dtype)


def assert_near(found, expected, dtype, seed):
    error = (found.double() - expected.double()).norm() / expected.double().norm().clamp(min=1e-9)
    assert error < ERRORS[dtype], (seed, float(error))


@pytest.mark.parametrize("activation", FORMULAS)
@pytest.mark.parametrize("pooling", POOLINGS)
def test_pooling_equals_a_loop_over_the_features_that_count(activation, pooling, backend, seed):
    hidden, weight, bias, mask = inputs()
    kinds = {"activation": activation, "pooling": pooling}
    found = lexicon_pool(hidden, weight, bias, mask, **kinds, backend=backend)
    torch.testing.assert_close(found, by_loop(hidden, weight, bias, mask, **kinds))
    assert found.min() >= 0
    assert found[1].abs().max() == 0, "a row without features that count is zero"
    everything = lexicon_pool(hidden, weight, bias, None, **kinds, backend=backend)
    full = torch.ones_like(mask)
    torch.testing.assert_close(everything, by_loop(hidden, weight, bias, full, **kinds))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("activation", FORMULAS)
@pytest.mark.parametrize("pooling", POOLINGS)
def test_gradients_are_those_of_the_plain_formula(activation, pooling, backend, dtype, seed):
    hidden, weight, bias, mask = inputs(dtype)
    upstream = torch.randn(3, 7) * (torch.rand(3, 7) < 0.7)
    kinds = {"activation": activation, "pooling": pooling}
    found = gradients(hidden, weight, bias, mask, upstream, **kinds, backend=backend)
    expected = plain_gradients(hidden, weight, bias, mask, upstream, **kinds)
    assert found[0][~mask].abs().max() == 0
    for ours, plain in zip(found, expected, strict=True):
        assert ours.dtype == dtype
        assert_near(ours, plain, dtype, seed)


@pytest.mark.parametrize("pooling", POOLINGS)
def test_features_in_bfloat16_give_float32_words(pooling, backend, seed):
    hidden, weight, bias, mask = inputs(torch.bfloat16)
    found = lexicon_pool(hidden, weight, bias, mask, pooling=pooling, backend=backend)
    assert found.dtype == torch.float32
    expected = by_loop(hidden, weight, bias, mask, "log1p_relu", pooling)
    # scores carry 8 bits: 2 ** -8 relative on sums of up to five scores of size about 4
    torch.testing.assert_close(found, expected, rtol=2e-2, atol=1e-1)


@pytest.mark.parametrize("dtype", ERRORS)
def test_with_several_tiles_ties_and_memory_that_holds_garbage_all_is_exact(
    dtype, poisoned, monkeypatch, seed
):
    monkeypatch.setitem(chunked.TILE_BYTES, "cpu", 1 << 18)
    hidden, weight = (whole_numbers(*shape, dtype=dtype) for shape in ((3, 40, 8), (1501, 8)))
    bias, mask = whole_numbers(1501, dtype=dtype) - 22, torch.rand(3, 40) < 0.8
    upstream = torch.randn(3, 1501)
    leaves = [t.clone().requires_grad_() for t in (hidden, weight, bias)]
    words = lexicon_pool(*leaves, mask)
    (words * upstream).sum().backward()
    exact = [t.double() for t in (hidden, weight, bias)]
    torch.testing.assert_close(words, lexicon_pool(*exact, mask, backend="reference"))
    assert 0.05 < (words > 0).float().mean() < 0.95, seed
    expected = winners_gradients(hidden, weight, bias, mask, upstream)
    for leaf, gradient in zip(leaves, expected, strict=True):
        assert_near(leaf.grad, gradient, dtype, seed)


@pytest.fixture
def poisoned():
    """New memory is filled with NaN, so that what is never written shows."""
    torch.use_deterministic_algorithms(True)
    assert torch.empty(3).isnan().all()
    yield
    torch.use_deterministic_algorithms(False)


def test_equal_scores_give_the_gradient_to_the_first_feature(seed):
    hidden = torch.randn(2, 1, 4).repeat(1, 6, 1).requires_grad_()
    mask = torch.ones(2, 6, dtype=torch.bool)
    mask[1, :2] = False
    lexicon_pool(hidden, torch.randn(9, 4), torch.full((9,), 20.0), mask).sum().backward()
    touched = hidden.grad.abs().sum(-1) > 0
    assert touched.int().tolist() == [[1, 0, 0, 0, 0, 0], [0, 0, 1, 0, 0, 0]]


@pytest.mark.parametrize("wanted", list(product((False, True), repeat=3))[1:])
def test_only_gradients_that_are_asked_for_are_computed(wanted, seed):
    hidden, weight, bias, mask = inputs()
    upstream = torch.randn(3, 7)
    everything = gradients(hidden, weight, bias, mask, upstream)
    leaves = [
        t.requires_grad_(is_wanted)
        for t, is_wanted in zip((hidden, weight, bias), wanted, strict=True)
    ]
    (lexicon_pool(*leaves, mask) * upstream).sum().backward()
    for leaf, expected, is_wanted in zip(leaves, everything, wanted, strict=True):
        assert leaf.grad is None if not is_wanted else torch.equal(leaf.grad, expected)


@pytest.mark.parametrize("pooling", ["max", "sum"])
@pytest.mark.parametrize(("batch", "tokens"), [(0, 5), (2, 0)])
def test_nothing_gives_zeros(batch, tokens, pooling, backend, seed):
    hidden = torch.randn(batch, tokens, 4, requires_grad=True)
    weight = torch.randn(7, 4, requires_grad=True)
    if tokens or backend != "reference":
        words = lexicon_pool(hidden, weight, torch.ones(7), pooling=pooling, backend=backend)
        assert words.shape == (batch, 7)
        assert words.abs().sum() == 0
        words.sum().backward()
        assert weight.grad is None or weight.grad.abs().sum() == 0


@pytest.mark.parametrize("pooling", POOLINGS)
def test_scores_are_computed_in_the_type_of_autocast(pooling, seed):
    hidden, weight, bias, mask = inputs()
    halves = [t.bfloat16() for t in (hidden, weight, bias)]
    leaves = [t.requires_grad_() for t in (hidden, weight, bias)]
    with torch.autocast("cpu", torch.bfloat16):
        words = lexicon_pool(*leaves, mask, pooling=pooling)
    assert torch.equal(words, lexicon_pool(*halves, mask, pooling=pooling))
    words.sum().backward()
    assert all(leaf.grad.dtype == torch.float32 for leaf in leaves)


def test_views_of_other_memory_are_read_right(seed):
    hidden, weight, bias, mask = inputs()
    upstream = torch.randn(3, 7)
    expected = gradients(hidden, weight, bias, mask, upstream)
    wide = torch.randn(5, 3, 9)
    wide[..., 2:6] = hidden.transpose(0, 1)
    leaf, turned = wide.requires_grad_(), weight.T.contiguous().requires_grad_()
    words = lexicon_pool(leaf.transpose(0, 1)[..., 2:6], turned.T, bias, mask.T.contiguous().T)
    (words * upstream.T.contiguous().T).sum().backward()
    torch.testing.assert_close(leaf.grad[..., 2:6].transpose(0, 1), expected[0])
    torch.testing.assert_close(turned.grad.T, expected[1])


def test_one_head_used_twice_has_the_gradients_of_both(seed):
    hidden, weight, bias, mask = inputs()
    other, upstream = torch.randn(2, 8, 4), torch.randn(3, 7)
    first = gradients(hidden, weight, bias, mask, upstream)
    second = gradients(other, weight, bias, None, upstream[:2])
    head = [t.requires_grad_() for t in (weight, bias)]
    video = (lexicon_pool(hidden, *head, mask) * upstream).sum()
    text = (lexicon_pool(other, *head) * upstream[:2]).sum()
    (video + text).backward()
    for leaf, *parts in zip(head, first[1:], second[1:], strict=True):
        torch.testing.assert_close(leaf.grad, sum(parts))


@pytest.mark.parametrize("pooling", POOLINGS)
def test_compiled_around_it_gives_the_same_without_a_break(pooling, seed):
    hidden, weight, bias, mask = inputs()
    upstream = torch.randn(3, 7)

    def weighted(hidden, weight, bias):
        return (lexicon_pool(hidden * 2, weight, bias, mask, pooling=pooling) * upstream).sum()

    compiled = torch.compile(weighted, backend="aot_eager", fullgraph=True)
    found = []
    for function in (weighted, compiled):
        leaves = [t.detach().clone().requires_grad_() for t in (hidden, weight, bias)]
        function(*leaves).backward()
        found.append([leaf.grad for leaf in leaves])
    for eager, ours in zip(*found, strict=True):
        torch.testing.assert_close(ours, eager)


def test_the_operation_keeps_torchs_rules(seed):
    """Of registration: shapes and types without data, autograd, traced dispatch."""
    hidden, weight, bias, mask = inputs()
    leaves = [t.requires_grad_() for t in (hidden, weight, bias)]
    torch.library.opcheck(torch.ops.unify.largest_scores.default, (*leaves, mask, "chunked"))


def test_numbers_that_are_none_are_not_hidden(backend, seed):
    hidden, weight, bias, mask = inputs()
    hidden[0, 2, 1] = float("nan")
    words = lexicon_pool(hidden, weight, bias, mask, backend=backend)
    assert words[0].isnan().all()
    assert words[1:].isfinite().all()


def test_nothing_of_the_size_of_all_scores_is_kept_for_the_gradients(seed):
    batch, tokens, width, entries = 4, 64, 16, 2048
    leaves = [
        torch.randn(*shape, requires_grad=True)
        for shape in ((batch, tokens, width), (entries, width), (entries,))
    ]
    kept: dict[int, int] = {}

    def note(tensor):
        kept[tensor.data_ptr()] = tensor.nbytes
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(note, lambda tensor: tensor):
        lexicon_pool(*leaves)
    inputs_and_outputs = sum(t.nbytes for t in leaves) + 3 * 4 * batch * entries
    assert sum(kept.values()) <= inputs_and_outputs < 4 * batch * tokens * entries / 4


@pytest.mark.parametrize("wrong", ["hidden", "weight", "bias", "mask", "kind of mask"])
def test_shapes_that_do_not_fit_are_named(wrong, backend, seed):
    hidden, weight, bias, mask = inputs()
    given = {
        "hidden": (hidden[0], weight, bias, mask),
        "weight": (hidden, weight[:, :3], bias, mask),
        "bias": (hidden, weight, bias[:1], mask),
        "mask": (hidden, weight, bias, mask[:, :1]),
        "kind of mask": (hidden, weight, bias, mask.long()),
    }
    with pytest.raises(ValueError, match=r"have shapes .* they should be \(B, T, D\), \(V, D\)"):
        lexicon_pool(*given[wrong], backend=backend)


@pytest.mark.parametrize(
    ("kinds", "message"),
    [
        ({"pooling": "average"}, "no pooling average; there are .* max, sum, mean"),
        ({"activation": "gelu"}, "no activation is called gelu .* log1p_relu, relu, elu1p"),
        ({"backend": "cuda"}, "no back end is called cuda; use auto, reference, chunked or triton"),
        ({"backend": "triton", "pooling": "sum"}, "the triton back end has no sum pooling"),
        ({"backend": "triton"}, "the triton back end needs a CUDA device"),
    ],
)
def test_back_ends_that_cannot_be_had_are_named(kinds, message, seed):
    if "needs" in message and torch.cuda.is_available():
        pytest.skip("has a CUDA device")
    with pytest.raises(ValueError, match=message):
        lexicon_pool(*inputs(), **kinds)
