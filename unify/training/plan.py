"""The training plan as pure functions of the step (sections 3.2 and 4.1; no torch)."""

import math
from dataclasses import dataclass

from unify.config import ObjectiveConfig, PlanConfig


@dataclass(frozen=True)
class Plan:
    """A run's length and what changes on the way."""

    config: PlanConfig
    objective: ObjectiveConfig
    epoch_steps: int
    """Optimiser steps of one epoch."""

    @property
    def steps(self) -> int:
        """Optimiser steps of the whole run."""
        return self.config.epochs * self.epoch_steps

    @property
    def grounding_steps(self) -> int:
        """Steps of stage 1; stage 2 starts at this step."""
        return round(self.config.grounding_epochs * self.epoch_steps)

    def stage(self, step: int) -> int:
        """1 while the lexicon text branch is frozen, then 2."""
        return 1 if step < self.grounding_steps else 2

    def learning_rate(self, step: int) -> float:
        """Warm-up, then cosine or hold-then-decay, over the whole run."""
        warmup = round(self.config.warmup_epochs * self.epoch_steps)
        if step < warmup:
            return self.config.learning_rate * (step + 1) / warmup
        if self.config.schedule == "cosine":
            share = (step - warmup) / max(1, self.steps - warmup)
            return self.config.learning_rate * (1 + math.cos(math.pi * share)) / 2
        decay = self.config.decay_share * self.steps
        return self.config.learning_rate * min(1.0, (self.steps - step) / decay if decay else 1.0)

    def flops_weight(self, step: int) -> float:
        """lambda_F, after a linear ramp if one is set."""
        ramp = self.objective.flops_ramp * self.steps
        return self.objective.flops_weight * min(1.0, step / ramp if ramp else 1.0)

    def distillation_weight(self, step: int) -> float:
        """1 falling linearly to 0 over the run (section 4.1), by step or by epoch."""
        if not self.objective.distillation:
            return 0.0
        if self.objective.distillation_schedule == "constant":
            return 1.0
        if self.objective.distillation_schedule == "linear_per_epoch":
            step = step // self.epoch_steps * self.epoch_steps
        return 1.0 - step / self.steps

    def masks_words(self, step: int) -> bool:
        """Whether the MLM term is on: in stage 2 only (section 3.2)."""
        return self.objective.mlm and self.stage(step) == 2
