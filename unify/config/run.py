"""One run of UNIFY: every knob, grouped by the part it configures."""

from dataclasses import dataclass, field, replace
from typing import Literal

from unify.config.data import DataConfig
from unify.config.knob import LOCAL, added, local
from unify.config.model import ModelConfig, TextEncoderConfig, VideoEncoderConfig
from unify.config.objective import ObjectiveConfig
from unify.config.plan import PlanConfig
from unify.config.tuning import TuningConfig
from unify.config.warm_start import InitConfig, WarmStartConfig
from unify.config.world import WorldConfig


@dataclass(frozen=True, kw_only=True)
class EvaluationConfig:
    """Which test sets, and how similarities are made from representations."""

    corpora: tuple[str, ...] = ("msrvtt/test_1ka",)
    """`corpus/split` of each test set, evaluated zero-shot."""
    num_frames: int = 4
    """Frames per test clip, at interval mid-points; not in the paper (MILES: 4)."""
    batch_size: int = 64
    """Clips or captions per forward pass."""
    lexicon_share: float = 0.5
    """Weight of the lexicon similarity in the fused one; the paper fuses 1:1."""
    max_tokens: int | None = added(None)
    """Word pieces per query, specials included; None: as many as in training."""
    num_clips: int = added(1)
    """Sets of frames per test clip, evenly shifted, whose representations are averaged; not in the
    paper (the Frozen paper's numbers average over shifts, MILES: 1)."""
    templates: tuple[str, ...] = added(("{}",))
    """Texts around the name of an action, whose representations are averaged; not in the paper
    (Region_Learner: `A person is {}` on HMDB51, the bare name on UCF101)."""
    incomplete: bool = local(False)
    """Permission to evaluate where clips of a test set are missing or damaged; the record says how
    many, and no table shows the result as the paper's."""
    examples: int = 8
    """Fixed test pairs whose ten strongest words, and what is retrieved for them, are recorded."""


@dataclass(frozen=True, kw_only=True)
class EngineConfig:
    """DeepSpeed and what surrounds it."""

    zero_stage: Literal[0, 1, 2] = 2
    """ZeRO stage."""
    precision: Literal["auto", "fp32", "bf16"] = "auto"
    """Autocast type of forward and backward; auto is bf16 on CUDA and fp32 elsewhere. Weights and
    optimiser state stay fp32."""
    compile: bool = added(False)
    """Compile the encoders' blocks (`torch.compile`): takes minutes at the start of each stage and
    needs a C++ compiler; results are the same but for rounding."""
    recompute: bool = local(False)
    """Keep the inputs of the encoders' blocks alone and compute the rest once more in the backward
    pass (activation checkpointing): less memory, up to a third more work, the same results."""
    checkpoint_every: int = local(500)
    """Steps between checkpoints; one more is written at the end of training."""
    log_every: int = local(10)
    """Steps between rows of metrics.jsonl."""


@dataclass(frozen=True, kw_only=True)
class RunConfig:
    """A training of UNIFY and its evaluation."""

    seed: int = 0
    """Seed of initial values, data order, augmentation, masking and dropout."""
    world: WorldConfig | None = None
    """The miniature world to train on; None for corpora on disk."""
    data: DataConfig = field(default_factory=DataConfig)
    """Corpora and inputs."""
    model: ModelConfig = field(default_factory=ModelConfig)
    """Encoders, branches, heads."""
    objective: ObjectiveConfig = field(default_factory=ObjectiveConfig)
    """Losses."""
    plan: PlanConfig = field(default_factory=PlanConfig)
    """Stages, schedule, optimiser."""
    init: InitConfig = field(default_factory=InitConfig)
    """Where the weights start."""
    evaluation: EvaluationConfig = field(default_factory=EvaluationConfig)
    """Test sets."""
    engine: EngineConfig = field(default_factory=EngineConfig)
    """DeepSpeed."""
    tuning: TuningConfig = field(default_factory=TuningConfig, metadata=LOCAL)
    """How runs that start from this one are fine-tuned; no part of this one."""


def warm_starts(config: RunConfig) -> dict[str, WarmStartConfig]:
    """The warm starts that a run needs, by part ("text", "video"); they follow from its config."""
    starts = {}
    if config.init.text == "warm_start":
        starts["text"] = _warm_start(config, "text")
    if config.init.video == "warm_start":
        starts["video"] = _warm_start(config, "video")
    return starts


def _warm_start(config: RunConfig, part: Literal["text", "video"]) -> WarmStartConfig:
    if config.world is None:
        raise ValueError(
            f"init.{part}=warm_start needs the miniature world; with corpora on disk "
            f"set init.{part}=pretrained (or random)"
        )
    own = {
        "text": {
            "max_tokens": config.data.max_tokens,
            "head_bias": config.model.lexicon.head_bias,
        },
        "video": {"mean": config.data.mean, "std": config.data.std},
    }
    return WarmStartConfig(
        part=part,
        seed=config.init.seed,
        world=config.world,
        depth=config.model.depth,
        encoder=_encoder(config, part),
        recipe=getattr(config.init, f"{part}_recipe"),
        root=config.data.root,
        **own[part],
    )


def _encoder(
    config: RunConfig, part: Literal["text", "video"]
) -> TextEncoderConfig | VideoEncoderConfig:
    """The stream's sizes, without what a ViT has no place for: runs that differ in how they see
    time share their warm start."""
    if part == "text":
        return config.model.text
    timeless = VideoEncoderConfig()
    return replace(
        config.model.video,
        max_frames=timeless.max_frames,
        attention_style=timeless.attention_style,
        temporal_start=timeless.temporal_start,
    )
