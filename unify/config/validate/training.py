"""Checks of `plan`, `objective`, `evaluation` and `engine`."""

from collections.abc import Iterator

from unify.config.objective import ObjectiveConfig
from unify.config.plan import PlanConfig
from unify.config.run import EngineConfig, EvaluationConfig
from unify.config.validate.checks import above_zero, at_least, share


def plan(config: PlanConfig) -> Iterator[str]:
    """Length, schedule, optimiser."""
    yield from above_zero("plan", config, "epochs", "batch_size", "learning_rate", "head_scale")
    if config.epoch_steps is not None:
        yield from above_zero("plan", config, "epoch_steps")
    for name in ("grounding_epochs", "warmup_epochs"):
        if not 0 <= getattr(config, name) <= config.epochs:
            yield f"plan.{name}={getattr(config, name)} is outside 0..{config.epochs} (plan.epochs)"
    yield from share("plan", config, "decay_share")
    yield from at_least(0, "plan", config, "weight_decay", "clip_norm")
    if not all(0 <= beta < 1 for beta in config.betas):
        yield f"plan.betas={config.betas} must be at least 0 and below 1"


def objective(config: ObjectiveConfig) -> Iterator[str]:
    """Temperatures, shares and weights."""
    temperatures = ("latent_temperature", "lexicon_temperature", "distillation_temperature")
    yield from above_zero("objective", config, *temperatures)
    yield from share("objective", config, "flops_ramp", "mlm_ratio")
    yield from at_least(0, "objective", config, "flops_weight", "mlm_weight")


def evaluation(config: EvaluationConfig) -> Iterator[str]:
    """How a test set goes through the model."""
    yield from share("evaluation", config, "lexicon_share")
    yield from at_least(1, "evaluation", config, "batch_size")
    yield from at_least(0, "evaluation", config, "examples")


def engine(config: EngineConfig) -> Iterator[str]:
    """How often something is written."""
    yield from at_least(1, "engine", config, "checkpoint_every", "log_every")
