"""UNIFY's training step under each ZeRO stage, under PyTorch's own DDP, and under no engine.

Imports DeepSpeed: the device has to be chosen before.
"""

from collections.abc import Callable
from dataclasses import replace

import torch
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from experiments.benchmarks.batches import kept_ids, random_batch
from unify.config import RunConfig
from unify.systems.unify import Unify
from unify.training.distributed import rank, world_size
from unify.training.engine import make_engine, set_learning_rate, take_step
from unify.training.groups import parameter_groups
from unify.training.objective import UnifyObjective
from unify.training.plan import Plan
from unify.training.unify_task import autocast_type

Step = Callable[[], float]
"""One training step; the loss of all processes before it."""
BARE = "no engine, no optimiser"
STAGES = {"ZeRO stage 0": 0, "ZeRO stage 1": 1, "ZeRO stage 2": 2}
DDP = "DistributedDataParallel"
EPOCH_STEPS = 100


class Training:
    """What all engines train: the same model from the same start, on the same batch."""

    def __init__(self, config: RunConfig, device: torch.device) -> None:
        self.config = config
        self.device = device
        self.plan = Plan(config.plan, config.objective, EPOCH_STEPS)
        self.step = self.plan.grounding_steps  # the first one in which nothing is frozen
        count = config.plan.batch_size // world_size()
        rows = slice(rank() * count, (rank() + 1) * count)
        self.batch = random_batch(config, self.step, rows).to(device)

    def objective(self) -> UnifyObjective:
        """The model and its losses, on the device."""
        torch.manual_seed(0)
        model = Unify(self.config.model, kept_ids(self.config))
        autocast = autocast_type(self.config, self.device)
        made = UnifyObjective(model, self.config.objective, self.plan, autocast)
        return made.to(self.device)

    def groups(self, objective: UnifyObjective) -> list[dict]:
        """Parameter groups at the plan's highest rate."""
        plan = self.config.plan
        heads = objective.model.head_parameters()
        made = parameter_groups(
            objective, heads=heads, head_scale=plan.head_scale, weight_decay=plan.weight_decay
        )
        return [group | {"lr": plan.learning_rate * group["scale"]} for group in made]

    def forward(self, model: nn.Module) -> tuple[Tensor, float]:
        """This process's loss and that of all, with the same dropout in each engine."""
        torch.manual_seed(rank())
        loss, report = model(self.batch, self.step)
        return loss, float(report["loss"])


def make_step(name: str, training: Training) -> Step:
    """A training step under the engine of this name."""
    if name in STAGES:
        return _deepspeed(training, STAGES[name])
    return _ddp(training) if name == DDP else _bare(training)


def _deepspeed(training: Training, stage: int) -> Step:
    plan, objective = training.config.plan, training.objective()
    config = replace(training.config.engine, zero_stage=stage)
    engine = make_engine(objective, training.groups(objective), plan, config)
    set_learning_rate(engine, plan.learning_rate, grounding=False)

    def step() -> float:
        loss, shown = training.forward(engine)
        take_step(engine, loss)
        return shown

    return step


def _ddp(training: Training) -> Step:
    plan, objective = training.config.plan, training.objective()
    model = DistributedDataParallel(objective)
    adamw = torch.optim.AdamW(training.groups(objective), betas=plan.betas)

    def step() -> float:
        loss, shown = training.forward(model)
        loss.backward()
        nn.utils.clip_grad_norm_(objective.parameters(), plan.clip_norm)
        adamw.step()
        adamw.zero_grad()
        return shown

    return step


def _bare(training: Training) -> Step:
    objective = training.objective()

    def step() -> float:
        loss, shown = training.forward(objective)
        loss.backward()
        objective.zero_grad()
        return shown

    return step
