"""Blocks under torch.compile: one graph each, the same values, and an end to compiling."""

import pytest
import torch
from tiny import model_config, randomise
from torch._dynamo.testing import CompileCounterWithBackend

from unify.data.tokens import token_places
from unify.models.text import Packing, TextBlock
from unify.models.video import FrozenBlock, TimeSformerBlock

PLACES = 4
SEVERAL = 3
"""Blocks of a kind, which share what is compiled."""


def compiled(kind, config):
    """Blocks of one kind, and the counter of their graphs, which are run without code generation
    as that takes a minute."""
    torch.compiler.reset()
    counter = CompileCounterWithBackend("aot_eager")
    blocks = [kind(config) for _ in range(SEVERAL)]
    for block in blocks:
        randomise(block)
        block.compile(fullgraph=True, backend=counter)
    return blocks, counter


def check(block, tokens, context):
    """The compiled block gives the eager one's values and gradients."""
    outcomes = []
    for run in (block, block.forward):
        x = tokens.clone().requires_grad_()
        out = run(x, context)
        out.square().sum().backward()
        outcomes.append((out, x.grad))
    for found, expected in zip(*outcomes, strict=True):
        torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize("kind", [FrozenBlock, TimeSformerBlock])
def test_video_blocks_of_a_kind_share_one_graph_for_each_number_of_frames(kind, seed):
    blocks, counter = compiled(kind, model_config().video)
    for frames in (4, 1, 4, 1):
        for block in blocks:
            check(block, torch.randn(2, 1 + frames * PLACES, 16), frames)
    assert counter.frame_count == 2


@pytest.mark.slow
def test_captions_of_ever_new_lengths_are_compiled_twice_at_most(seed):
    blocks, counter = compiled(TextBlock, model_config().text)
    for length in (12, 9, 12, 7, 15, 11, 14):
        for block in blocks:
            mask = torch.arange(length) < torch.tensor([[length], [length - 2]])
            places = token_places(mask)
            packing = Packing(places, torch.tensor([0, length]), torch.zeros(2, 1, 1, length))
            check(block, torch.randn(len(places), 16), packing)
    assert counter.frame_count == 2
