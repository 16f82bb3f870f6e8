"""Every knob of a run, as frozen dataclasses grouped by the part they configure (no torch)."""

from unify.config.data import DataConfig
from unify.config.family import Config, group, parents, with_seed
from unify.config.fine_tuning import FineTuneConfig, ValidationConfig, fine_tuned
from unify.config.fusion import FusionConfig
from unify.config.model import (
    LatentConfig,
    LexiconConfig,
    ModelConfig,
    TextEncoderConfig,
    VideoEncoderConfig,
)
from unify.config.objective import ObjectiveConfig
from unify.config.plan import PlanConfig
from unify.config.presets import PRESETS
from unify.config.protocols import evaluated_on, plainly_evaluated
from unify.config.run import EngineConfig, EvaluationConfig, RunConfig, warm_starts
from unify.config.signature import signature
from unify.config.tuning import TuningConfig
from unify.config.warm_start import InitConfig, TextRecipe, VideoRecipe, WarmStartConfig
from unify.config.world import WorldConfig

__all__ = [
    "PRESETS",
    "Config",
    "DataConfig",
    "EngineConfig",
    "EvaluationConfig",
    "FineTuneConfig",
    "FusionConfig",
    "InitConfig",
    "LatentConfig",
    "LexiconConfig",
    "ModelConfig",
    "ObjectiveConfig",
    "PlanConfig",
    "RunConfig",
    "TextEncoderConfig",
    "TextRecipe",
    "TuningConfig",
    "ValidationConfig",
    "VideoEncoderConfig",
    "VideoRecipe",
    "WarmStartConfig",
    "WorldConfig",
    "evaluated_on",
    "fine_tuned",
    "group",
    "parents",
    "plainly_evaluated",
    "signature",
    "warm_starts",
    "with_seed",
]
