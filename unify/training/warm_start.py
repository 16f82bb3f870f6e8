"""A warm start as the loop sees it: one stage, a constant hold, a decay at the end."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import torch
from torch import nn

from unify.checksum import Checksum
from unify.config import PlanConfig, WarmStartConfig
from unify.training.groups import parameter_groups
from unify.training.warm_start_text import TextWarmStart
from unify.training.warm_start_video import VideoWarmStart

PARTS = {"text": TextWarmStart, "video": VideoWarmStart}


class Part(Protocol):
    """One stream's warm start."""

    objective: nn.Module

    def batch(self, step: int) -> Any:
        """The batch of a step."""

    def save(self, path: Path) -> Checksum:
        """Write the encoder's weights."""


@dataclass
class WarmStartTask:
    """A part's objective and data, with the plan that both parts share."""

    config: WarmStartConfig
    part: Part
    grounding_steps: int = 0

    def __post_init__(self) -> None:
        self.objective = self.part.objective
        self.steps = self.config.recipe.steps
        self.seed = self.config.seed
        self.groups = parameter_groups(self.objective, weight_decay=self.plan.weight_decay)

    @property
    def plan(self) -> PlanConfig:
        """Batch size and optimiser for the engine."""
        recipe = self.config.recipe
        return PlanConfig(
            batch_size=recipe.batch_size,
            learning_rate=recipe.learning_rate,
            weight_decay=recipe.weight_decay,
            betas=recipe.betas,
        )

    def batches(self, start: int) -> Iterator[Any]:
        """Batches of steps `start` and up."""
        return map(self.part.batch, range(start, self.steps))

    def learning_rate(self, step: int) -> float:
        """Linear warm-up, hold, linear decay to zero."""
        recipe = self.config.recipe
        warmup, decay = recipe.warmup_share * self.steps, recipe.decay_share * self.steps
        grown = (step + 1) / warmup if warmup else 1.0
        left = (self.steps - step) / decay if decay else 1.0
        return recipe.learning_rate * min(1.0, grown, left)

    def begin_stage(self, stage: int) -> None:
        """Everything trains."""
        self.objective.train()

    def phase(self, step: int) -> str:
        """`training`."""
        return "training"

    def files(self, batch: Any) -> tuple[str, ...]:
        """The corpora that batches come from."""
        return (f"the miniature world's texts and images in {self.config.root}",)

    def notes(self) -> None:
        """Nothing: batches are a function of the step."""

    def restore(self, notes: list[None]) -> None:
        """Nothing to go on from."""


def make_warm_start(config: WarmStartConfig, device: torch.device) -> WarmStartTask:
    """Read the data and build the encoder with its seed."""
    torch.manual_seed(config.seed)
    return WarmStartTask(config, PARTS[config.part](config, device))
