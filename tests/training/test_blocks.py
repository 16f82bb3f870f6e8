"""Blocks that are compiled, or computed twice: the same training."""

import pytest
import torch
from tiny_training import batch, frozen_parts, make_objective, run_config

from unify.config import EngineConfig
from unify.training.blocks import prepare_blocks

STAGE_2 = 5


def losses_and_gradients(seed, dropout, **engine):
    """The loss, every gradient, and the bytes kept for the backward pass."""
    torch.manual_seed(seed)
    objective = make_objective(run_config(seed, dropout=dropout))
    objective.train()
    prepare_blocks(objective.model, EngineConfig(**engine))
    kept: dict[int, int] = {}

    def note(tensor):
        kept[tensor.untyped_storage().data_ptr()] = tensor.untyped_storage().nbytes()
        return tensor

    data = batch(seed, STAGE_2)
    torch.manual_seed(seed)
    with torch.autograd.graph.saved_tensors_hooks(note, lambda tensor: tensor):
        loss, _ = objective(data, STAGE_2)
    loss.backward()
    gradients = {name: p.grad for name, p in objective.named_parameters() if p.grad is not None}
    return loss.detach(), gradients, sum(kept.values())


@pytest.mark.parametrize("dropout", [0.0, 0.3])
def test_computed_twice_blocks_give_the_same_bits_from_less_memory(dropout, seed):
    loss, expected, memory = losses_and_gradients(seed, dropout)
    again, found, less = losses_and_gradients(seed, dropout, recompute=True)
    assert torch.equal(loss, again)
    assert found.keys() == expected.keys()
    assert all(torch.equal(found[name], expected[name]) for name in expected)
    assert less < memory / 2


@pytest.mark.slow
@pytest.mark.parametrize("recompute", [False, True])
def test_compiled_blocks_give_the_same_but_for_rounding(recompute, seed):
    loss, expected, _ = losses_and_gradients(seed, 0.0)
    again, found, _ = losses_and_gradients(seed, 0.0, compile=True, recompute=recompute)
    torch.testing.assert_close(again, loss, rtol=1e-5, atol=1e-5)
    largest = max(float(value.abs().max()) for value in expected.values())
    for name, value in expected.items():
        torch.testing.assert_close(found[name], value, rtol=1e-3, atol=1e-5 * largest, msg=name)


@pytest.mark.slow
def test_a_whole_life_is_compiled(seed, monkeypatch):
    """Both stages, batches of other lengths, evaluation in between: no end to compiling is met."""
    monkeypatch.setattr(torch._dynamo.config, "fail_on_recompile_limit_hit", True)
    config = run_config(seed)
    objective = make_objective(config)
    prepare_blocks(objective.model, EngineConfig(compile=True))
    for step in (1, 2, STAGE_2, STAGE_2 + 1):
        objective.train()
        for part in frozen_parts(config, objective):
            part.requires_grad_(step >= STAGE_2)
        loss, _ = objective(batch(seed, step), step)
        loss.backward()
        objective.eval()
        with torch.no_grad():
            data = batch(seed, step)
            objective.model.encode_text(data.ids[:1], data.mask[:1])
            objective.model.encode_video(data.video[:1, :1])
