"""Two-stage training under ZeRO against a plain PyTorch loop."""

import pytest
import torch
from processes import assert_trained_alike
from tiny_training import GROUNDING, STEPS, batch, make_objective, run_config
from torch import nn

from unify.training.groups import parameter_groups
from unify.training.objective import UnifyObjective

FROZEN = ("text.embeddings.", "text.stem.", "text.branches.lexicon.", "lexicon_head.")


def plain_groups(objective, config):
    """(those that stage 1 trains, those that it freezes)."""
    names = {id(p): name for name, p in objective.model.named_parameters()}
    frozen = [p for p in objective.parameters() if names[id(p)].startswith(FROZEN)]
    heads, scale = objective.model.head_parameters(), config.plan.head_scale
    groups = parameter_groups(
        objective,
        grounded=frozen,
        heads=heads,
        head_scale=scale,
        weight_decay=config.plan.weight_decay,
    )
    return [[g for g in groups if g["grounded"] == kind] for kind in (False, True)]


def plain_training(seed):
    """Losses, gradient norms and final weights of the loop as one would write it."""
    config = run_config(seed)
    objective: UnifyObjective = make_objective(config)
    trained, frozen = plain_groups(objective, config)
    optimizer = torch.optim.AdamW(trained, betas=config.plan.betas)
    for group in frozen:
        nn.ParameterList(group["params"]).requires_grad_(False)
    losses, norms = [], []
    for step in range(STEPS):
        if step == GROUNDING:
            for group in frozen:
                nn.ParameterList(group["params"]).requires_grad_(True)
                optimizer.add_param_group(group)
        for group in optimizer.param_groups:
            group["lr"] = objective.plan.learning_rate(step) * group["scale"]
        loss, _ = objective(batch(seed, step), step)
        optimizer.zero_grad()
        loss.backward()
        norm = nn.utils.clip_grad_norm_(objective.parameters(), config.plan.clip_norm)
        optimizer.step()
        losses.append(float(loss.detach()))
        norms.append(float(norm))
    return losses, norms, objective.model.state_dict()


@pytest.fixture(scope="module")
def plain(runs):
    return plain_training(runs.seed)


@pytest.mark.parametrize("zero", [0, 1, 2])
def test_training_across_the_stages_equals_a_plain_loop(zero, runs, plain):
    losses, norms, weights = plain
    out = f"zero{zero}"
    assert runs.outcome(out)["error"] is None
    assert [row["loss"] for row in runs.rows(out)] == pytest.approx(losses, rel=5e-6)
    if zero:  # stage 0 does not report the norm
        assert runs.outcome(out)["norms"] == pytest.approx(norms, rel=5e-5)
    assert max(norms) > 1, "clipping was at work"
    assert_trained_alike(runs.weights(out), weights, runs.weights(out, "stage-1"))


@pytest.mark.parametrize("out", ["zero0", "zero1", "zero2", "whole", "zero2 of two"])
def test_frozen_weights_are_bit_identical_after_stage_1_and_train_in_stage_2(out, runs):
    loaded, switched, end = (runs.weights(out, m) for m in ("stage-1", "stage-2", "end"))
    for name, start in loaded.items():
        if name.endswith(("vocabulary.ids", "vocabulary.rows", "position_ids", "token_type_ids")):
            continue
        frozen = name.startswith(FROZEN)
        assert torch.equal(switched[name], start) == frozen, name
        assert not torch.equal(end[name], switched[name]), name


def test_training_starts_from_the_weights_that_were_loaded(runs):
    start = make_objective(run_config(runs.seed)).model.state_dict()
    for out in ("zero2", "zero2 of two"):
        found = runs.weights(out, "stage-1")
        assert all(torch.equal(found[name], value) for name, value in start.items())
