"""Divided attention against full attention with an explicit mask, on random weights."""

import pytest
import torch
from tiny import model_config, randomise

from unify.models import short_groups
from unify.models.attention import SHORT, DividedAttention
from unify.models.video import FrozenBlock, TimeSformerBlock

WIDTH, HEADS, PLACES = 16, 2, 5
EXACT = {"rtol": 1e-10, "atol": 1e-10}


def attend(layer, tokens, allowed):
    """Softmax attention by the formula; (B, N, D) tokens, (N, N) true where a row sees a column."""
    query, key, value = layer.qkv(tokens).unflatten(-1, (3, HEADS, -1)).unbind(2)  # B N H K
    scores = torch.einsum("bqhk,bnhk->bhqn", query, key) / (WIDTH // HEADS) ** 0.5
    weights = scores.masked_fill(~allowed, float("-inf")).softmax(-1)
    return layer.proj(torch.einsum("bhqn,bnhk->bqhk", weights, value).flatten(2))


def allowed(frames, axis, places=PLACES):
    """[CLS] sees all; a patch sees [CLS] and its own place over time, or its own frame."""
    frame = torch.arange(frames).repeat_interleave(places)
    place = torch.arange(places).repeat(frames)
    group = place if axis == "time" else frame
    seen = torch.ones(1 + len(group), 1 + len(group), dtype=torch.bool)
    seen[1:, 1:] = group[:, None] == group
    return seen


def tokens(frames, places=PLACES):
    return torch.randn(2, 1 + frames * places, WIDTH, dtype=torch.float64)


def random_layer(spread=0.7):
    layer = DividedAttention(WIDTH, HEADS, qkv_bias=True).double()
    randomise(layer, spread)
    return layer


def outcome(layer, x, attention):
    """What attention gives, and the gradients of the tokens and of every parameter."""
    x = x.clone().requires_grad_()
    layer.zero_grad()
    out = attention(x)
    (out * torch.linspace(-1, 1, out.numel()).view_as(out)).sum().backward()
    return [out, x.grad, *(p.grad.clone() for p in layer.parameters())]


def block(kind):
    made = kind(model_config().video).double()
    randomise(made)
    return made


@pytest.mark.parametrize("frames", [1, 2, 4])
@pytest.mark.parametrize("axis", ["time", "space"])
def test_divided_attention_is_full_attention_under_a_mask(axis, frames, seed):
    layer = DividedAttention(WIDTH, HEADS, qkv_bias=True).double()
    randomise(layer, spread=0.7)
    x = tokens(frames)
    torch.testing.assert_close(
        layer(x, frames, axis), attend(layer, x, allowed(frames, axis)), **EXACT
    )


@pytest.mark.parametrize(
    ("frames", "places"), [(1, 1), (1, 6), (2, 1), (4, 5), (3, SHORT), (3, SHORT + 1), (40, 2)]
)
@pytest.mark.parametrize("axis", ["time", "space"])
def test_gradients_are_those_of_full_attention_under_a_mask(axis, frames, places, seed):
    layer, x = random_layer(), tokens(frames, places)
    seen = allowed(frames, axis, places)
    ours = outcome(layer, x, lambda x: layer(x, frames, axis))
    for own, exact in zip(ours, outcome(layer, x, lambda x: attend(layer, x, seen)), strict=True):
        torch.testing.assert_close(own, exact, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("count", [1, 4, short_groups.FEW, short_groups.FEW + 1])
def test_free_attention_and_its_gradients_are_the_formulas(count, seed):
    layer, x = random_layer(), tokens(1, count - 1)
    seen = torch.ones(count, count, dtype=torch.bool)
    exact = outcome(layer, x, lambda x: attend(layer, x, seen))
    for own, other in zip(outcome(layer, x, layer.within), exact, strict=True):
        torch.testing.assert_close(own, other, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("axis", ["time", "space"])
def test_scores_too_large_for_their_exponential_are_no_harm(axis, seed):
    layer, x = random_layer(), 100 * tokens(3)
    found = layer(x, 3, axis)
    assert layer.qkv(x).square().mean() > 709  # e to the 710 is infinite
    torch.testing.assert_close(found, attend(layer, x, allowed(3, axis)), rtol=1e-8, atol=1e-6)


@pytest.mark.parametrize("axis", ["time", "space"])
def test_sums_row_by_row_are_the_matrix_products(axis, seed, monkeypatch):
    layer, x = random_layer(), tokens(4)
    expected = outcome(layer, x, lambda x: layer(x, 4, axis))
    monkeypatch.setattr(short_groups, "_row_by_row", lambda a, b: True)
    for own, exact in zip(outcome(layer, x, lambda x: layer(x, 4, axis)), expected, strict=True):
        torch.testing.assert_close(own, exact, **EXACT)


@pytest.mark.parametrize("axis", ["time", "space"])
def test_in_half_precision_attention_is_off_by_rounding_only(axis, seed):
    layer, x = random_layer(0.3).float(), tokens(4).float()
    with torch.autocast("cpu", torch.bfloat16):
        ours = outcome(layer, x, lambda x: layer(x, 4, axis).float())
    exact = layer.double(), x.double()
    exact = outcome(*exact, lambda x: layer(x, 4, axis))
    for own, other in zip(ours[:2], exact[:2], strict=True):
        assert (own - other).norm() < 0.03 * other.norm()


@pytest.mark.parametrize("frames", [1, 3])
def test_in_frozens_block_time_enters_only_through_the_input_of_space(frames, seed):
    made, x = block(FrozenBlock), tokens(frames)
    time = attend(made.temporal_attn, made.temporal_norm(x), allowed(frames, "time"))
    expected = x + attend(made.attn, made.norm1(x + time), allowed(frames, "space"))
    expected = expected + made.mlp(made.norm2(expected))
    torch.testing.assert_close(made(x, frames), expected, **EXACT)


@pytest.mark.parametrize("frames", [1, 3])
def test_timesformers_block_adds_time_and_averages_cls_over_frames(frames, seed):
    made, x = block(TimeSformerBlock), tokens(frames)
    cls, patches = x[:, :1], x[:, 1:].unflatten(1, (frames, PLACES)).clone()
    over_time, in_frame = (torch.ones(n, n, dtype=torch.bool) for n in (frames, 1 + PLACES))
    for place in range(PLACES):
        own = patches[:, :, place]
        patches[:, :, place] = own + attend(made.temporal_attn, made.temporal_norm(own), over_time)
    summaries, scenes = [], []
    for frame in range(frames):
        scene = torch.cat([cls, patches[:, frame]], dim=1)
        seen = attend(made.attn, made.norm1(scene), in_frame)
        summaries.append(seen[:, :1])
        scenes.append(patches[:, frame] + seen[:, 1:])
    expected = torch.cat([cls + torch.stack(summaries).mean(0), *scenes], dim=1)
    expected = expected + made.mlp(made.norm2(expected))
    torch.testing.assert_close(made(x, frames), expected, **EXACT)
