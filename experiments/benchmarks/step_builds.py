"""Builds of one model that `train_step.py` times: ours in its variants, and from transformers."""

import math
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import deepspeed
import torch
from torch import Tensor

from experiments.benchmarks.batches import kept_ids
from experiments.benchmarks.same_weights import copy_weights
from experiments.benchmarks.step_flops import Sizes, block_rows, linear, step_flops
from experiments.benchmarks.straightforward import Straightforward, StraightforwardObjective
from unify.config import RunConfig
from unify.config.codec import override
from unify.data.loader import Batch
from unify.systems.unify import Unify
from unify.training.engine import make_engine, set_learning_rate, take_step
from unify.training.groups import parameter_groups
from unify.training.objective import UnifyObjective
from unify.training.plan import Plan
from unify.training.unify_task import assemble

PEER, PLAIN, OURS = "transformers", "ours, plain head", "ours"
VARIANTS: dict[str, dict[str, Any]] = {
    OURS: {},
    PLAIN: {"model.lexicon.backend": "reference"},
    "ours, recomputed": {"engine.recompute": True},
    "ours, compiled": {"engine.compile": True},
}
"""What each changes in the config."""
TOLERANCE = {None: 1e-3, torch.bfloat16: 5e-2}
"""Of gradients, by the type of autocast: a near tie may fall to another token."""
LIKE = 2.0
"""Factor within which the losses of builds with other blocks lie."""


@dataclass
class Build:
    """One build, ready to take steps of stage 2."""

    name: str
    config: RunConfig
    objective: UnifyObjective
    groups: list[dict]

    @cached_property
    def engine(self) -> deepspeed.DeepSpeedEngine:
        """Made at its first use: it keeps copies of the weights, which must not change any more."""
        return make_engine(self.objective, self.groups, self.config.plan, self.config.engine)

    @property
    def parameters(self) -> int:
        """Number of them; tied ones count once."""
        return sum(parameter.numel() for parameter in self.objective.parameters())

    @property
    def step_number(self) -> int:
        """The first step of stage 2."""
        return self.objective.plan.grounding_steps

    def step(self, batch: Batch) -> dict[str, Tensor]:
        """As the training loop does it; ValueError where loss or gradient is not finite."""
        rate = self.objective.plan.learning_rate(self.step_number)
        set_learning_rate(self.engine, rate, grounding=False)
        loss, report = self.engine(batch, self.step_number)
        norm = take_step(self.engine, loss)
        if not (math.isfinite(report["loss"]) and math.isfinite(norm)):
            raise ValueError(f"{self.name}: loss or gradient is not finite; lower --repeats")
        return report

    def gradient(self, batch: Batch) -> tuple[float, list[Tensor]]:
        """The loss, and its gradient by parameter, without an engine."""
        torch.manual_seed(self.config.seed)  # of dropout
        loss, _ = self.objective(batch, self.step_number)
        wanted = [p for p in self.objective.parameters() if p.requires_grad]
        return float(loss.detach()), list(torch.autograd.grad(loss, wanted, materialize_grads=True))


def make_build(name: str, config: RunConfig, device: torch.device) -> Build:
    """A build by name; all of a config start with the same weights.

    Raises ValueError where the config asks for what transformers' build does not have.
    """
    changed = override(config, VARIANTS.get(name, {}))
    torch.manual_seed(config.seed)
    model = Unify(changed.model, kept_ids(config))
    task = assemble(changed, model, {}, kept_ids(config), device)
    task.begin_stage(2)
    if name == PEER:
        return _transformers(config, model, task.objective)
    return Build(name, changed, task.objective, task.groups)


def _transformers(config: RunConfig, ours: Unify, objective: UnifyObjective) -> Build:
    device = next(ours.parameters()).device
    model = Straightforward(config.model, kept_ids(config)).to(device)
    copy_weights(ours, model)
    plan: Plan = objective.plan
    theirs = StraightforwardObjective(model, config.objective, plan, objective.autocast).train()
    groups = parameter_groups(
        theirs,
        heads=model.head_parameters(),
        head_scale=config.plan.head_scale,
        weight_decay=config.plan.weight_decay,
    )
    return Build(PEER, config, theirs, groups)


def executed_flops(build: Build, sizes: Sizes) -> int:
    """What a build computes, in operations: more than is asked for where its heads are plain."""
    model = build.config.model
    if build.name != PEER:
        return step_flops(model, sizes, plain_head=model.lexicon.backend == "reference")
    video = replace(model.video, attention_style="timesformer")
    positions = sizes.clips * sizes.tokens
    every = replace(sizes, masked=positions, words=positions)
    dense = 3 * linear(block_rows(model, sizes), video.width, video.width)
    return dense + step_flops(
        replace(model, video=video), every, plain_head=True, whole_blocks=True
    )


def check_builds(ours: Build, plain: Build, peer: Build, batch: Batch) -> dict[str, float]:
    """The losses by name; ValueError where the heads differ, or transformers' loss is another."""
    loss, gradient = ours.gradient(batch)
    plain_loss, plain_gradient = plain.gradient(batch)
    error = relative_error(gradient, plain_gradient)
    tolerance = TOLERANCE[ours.objective.autocast]
    if not (abs(loss - plain_loss) <= tolerance * abs(plain_loss) and error <= tolerance):
        raise ValueError(
            f"loss {loss:g} and plain head's {plain_loss:g}, gradients {error:.1e} apart: they "
            "should be equal to rounding; run tests/kernels"
        )
    peer_loss, _ = peer.gradient(batch)
    if not (math.isfinite(peer_loss) and 1 / LIKE < peer_loss / loss < LIKE):
        raise ValueError(
            f"{PEER}: loss {peer_loss:g}, ours {loss:g} with the same weights; "
            "run tests/experiments/test_train_step_benchmark.py"
        )
    return {OURS: loss, PLAIN: plain_loss, PEER: peer_loss}


def relative_error(found: list[Tensor], expected: list[Tensor]) -> float:
    """Norm of the difference, relative to the expected norm."""
    apart = torch._foreach_sub(found, expected)
    return float(_norm(apart) / _norm(expected))


def _norm(parts: list[Tensor]) -> Tensor:
    return torch.stack(torch._foreach_norm(parts)).norm()
