"""Divided attention against full attention with an explicit mask, on random weights."""

import pytest
import torch
from tiny import model_config, randomise

from unify.models.attention import DividedAttention
from unify.models.video import FrozenBlock, TimeSformerBlock

WIDTH, HEADS, PLACES = 16, 2, 5
EXACT = {"rtol": 1e-10, "atol": 1e-10}


def attend(layer, tokens, allowed):
    """Softmax attention by the formula; (B, N, D) tokens, (N, N) true where a row sees a column."""
    query, key, value = layer.qkv(tokens).unflatten(-1, (3, HEADS, -1)).unbind(2)  # B N H K
    scores = torch.einsum("bqhk,bnhk->bhqn", query, key) / (WIDTH // HEADS) ** 0.5
    weights = scores.masked_fill(~allowed, float("-inf")).softmax(-1)
    return layer.proj(torch.einsum("bhqn,bnhk->bqhk", weights, value).flatten(2))


def allowed(frames, axis):
    """[CLS] sees all; a patch sees [CLS] and its own place over time, or its own frame."""
    frame = torch.arange(frames).repeat_interleave(PLACES)
    place = torch.arange(PLACES).repeat(frames)
    group = place if axis == "time" else frame
    seen = torch.ones(1 + len(group), 1 + len(group), dtype=torch.bool)
    seen[1:, 1:] = group[:, None] == group
    return seen


def tokens(frames):
    return torch.randn(2, 1 + frames * PLACES, WIDTH, dtype=torch.float64)


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
