"""Fine-tuning of a pre-trained run on one corpus (Tables 1 and 2)."""

from dataclasses import dataclass, field, replace

from unify.config.corpora import training_split
from unify.config.data import DataConfig
from unify.config.model import ModelConfig
from unify.config.objective import ObjectiveConfig
from unify.config.plan import PlanConfig
from unify.config.protocols import TUNED, evaluated_on, plainly_evaluated
from unify.config.run import EngineConfig, EvaluationConfig, RunConfig
from unify.config.world import WorldConfig


@dataclass(frozen=True, kw_only=True)
class ValidationConfig:
    """How the best weights are chosen: by text-to-video R@1 on clips of no test set."""

    place: str | None = None
    """`corpus/split`; None: clips held out of training."""
    clips: int = 1000
    """At most so many of its clips, evenly spread; or how many are held out. Each clip's first
    caption is a query."""
    every_epochs: int = 1
    """Epochs between two validations."""


@dataclass(frozen=True, kw_only=True)
class FineTuneConfig:
    """A pre-trained run trained further; world and model are its."""

    pretrained: RunConfig
    """The training that it starts from."""
    seed: int = 0
    """Seed of data order, held-out clips, augmentation, masking and dropout."""
    data: DataConfig = field(default_factory=DataConfig)
    """The corpus, and inputs."""
    objective: ObjectiveConfig = field(default_factory=ObjectiveConfig)
    """Losses."""
    plan: PlanConfig = field(default_factory=PlanConfig)
    """Length, schedule, optimiser."""
    validation: ValidationConfig = field(default_factory=ValidationConfig)
    """How the best weights are chosen."""
    evaluation: EvaluationConfig = field(default_factory=EvaluationConfig)
    """Test sets."""
    engine: EngineConfig = field(default_factory=EngineConfig)
    """DeepSpeed."""

    @property
    def model(self) -> ModelConfig:
        """Encoders, branches, heads: those of the pre-trained run."""
        return self.pretrained.model

    @property
    def world(self) -> WorldConfig | None:
        """The miniature world: that of the pre-trained run."""
        return self.pretrained.world


def fine_tuned(base: RunConfig, corpus: str) -> FineTuneConfig:
    """A pre-trained run, fine-tuned on a corpus of `TUNED` as its `tuning` says."""
    protocol, tuning = TUNED[corpus], base.tuning
    evaluation = evaluated_on(base, corpus)
    split = "" if tuning.split == "train" else f"/{tuning.split}"
    return FineTuneConfig(
        pretrained=plainly_evaluated(base),
        seed=base.seed,
        data=replace(
            base.data,
            corpora=(f"{corpus}{split}",),
            max_tokens=evaluation.max_tokens or base.data.max_tokens,
        ),
        objective=replace(base.objective, distillation=tuning.distillation, flops_ramp=0.0),
        plan=tuning.plan,
        validation=ValidationConfig(
            place=protocol.validation,
            clips=tuning.validation_clips if protocol.validation else tuning.held_out,
            every_epochs=tuning.validation_epochs,
        ),
        evaluation=evaluation,
        engine=base.engine,
    )


def tuned_from_scratch(config: RunConfig) -> tuple[str, ...]:
    """The corpora of `TUNED` that a run trains on although it starts from no training."""
    names = dict.fromkeys(training_split(name)[0] for name in config.data.corpora)
    return tuple(name for name in names if name in TUNED)
