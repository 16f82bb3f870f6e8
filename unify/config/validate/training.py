"""Checks of `plan`, `objective`, `evaluation` and `engine`."""

from collections.abc import Iterator

from unify.config.corpora import check_test_set, check_validation_set
from unify.config.fine_tuning import ValidationConfig
from unify.config.objective import ObjectiveConfig
from unify.config.plan import PlanConfig
from unify.config.run import EngineConfig, EvaluationConfig
from unify.config.tuning import TuningConfig
from unify.config.validate.checks import above_zero, at_least, refusal, share


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
    if not config.corpora:
        yield "evaluation.corpora is empty; name at least one test set, such as msrvtt/test_1ka"
    for name in config.corpora:
        yield from refusal("evaluation.corpora", check_test_set, name)
    yield from share("evaluation", config, "lexicon_share")
    yield from at_least(1, "evaluation", config, "batch_size", "num_clips")
    if not config.templates:
        yield "evaluation.templates is empty; {} alone asks with the bare name of an action"
    for template in config.templates:
        if template.count("{}") != 1:
            yield f"evaluation.templates: {template!r} has not one {{}}, where the action stands"
    yield from at_least(0, "evaluation", config, "examples")


def tuning(config: TuningConfig) -> Iterator[str]:
    """How runs that start from this one are fine-tuned."""
    yield from (f"tuning.{problem}" for problem in plan(config.plan))
    counts = ("held_out", "validation_clips", "validation_epochs")
    yield from at_least(1, "tuning", config, *counts)


def validation(config: ValidationConfig) -> Iterator[str]:
    """What chooses the best weights; a test set never does."""
    yield from at_least(1, "validation", config, "clips", "every_epochs")
    if config.place is not None:
        yield from refusal("validation.place", check_validation_set, config.place)


def engine(config: EngineConfig) -> Iterator[str]:
    """How often something is written."""
    yield from at_least(1, "engine", config, "checkpoint_every", "log_every")
