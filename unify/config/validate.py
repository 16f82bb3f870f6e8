"""Checks across fields: what must fit together before anything is started."""

from collections.abc import Iterator

from unify.config.codec import Config
from unify.config.errors import ConfigError
from unify.config.model import TextEncoderConfig, VideoEncoderConfig
from unify.config.run import RunConfig, warm_starts


def validate(config: Config) -> None:
    """Raise ConfigError with the first thing that does not fit, in one line."""
    problem = next(_problems(config), None)
    if problem is not None:
        raise ConfigError(problem)


def _problems(config: Config) -> Iterator[str]:
    if not isinstance(config, RunConfig):
        yield from _encoder("encoder", config.encoder)
        return
    yield from _model(config)
    yield from _inputs(config)
    yield from _plan(config)
    yield from _objective(config)
    yield from _starts(config)


def _model(config: RunConfig) -> Iterator[str]:
    model = config.model
    yield from _positive("model.depth", model.depth)
    if not 0 <= model.stem_depth <= model.depth:
        yield f"model.stem_depth={model.stem_depth} is outside 0..{model.depth} (model.depth)"
    yield from _encoder("model.video", model.video)
    yield from _encoder("model.text", model.text)
    yield from _positive("model.latent.width", model.latent.width)


def _encoder(name: str, encoder: VideoEncoderConfig | TextEncoderConfig) -> Iterator[str]:
    yield from _positive(f"{name}.heads", encoder.heads)
    if encoder.width < 1 or encoder.width % encoder.heads:
        yield f"{name}.width={encoder.width} is no multiple of {name}.heads={encoder.heads}"
    if isinstance(encoder, VideoEncoderConfig):
        yield from _positive(f"{name}.patch_size", encoder.patch_size)
        if encoder.image_size < 1 or encoder.image_size % encoder.patch_size:
            yield (
                f"{name}.image_size={encoder.image_size} is no multiple of "
                f"{name}.patch_size={encoder.patch_size}"
            )


def _inputs(config: RunConfig) -> Iterator[str]:
    data, video, text = config.data, config.model.video, config.model.text
    if data.image_size != video.image_size:
        yield (
            f"data.image_size={data.image_size} differs from "
            f"model.video.image_size={video.image_size}; set both"
        )
    for name, frames in _frames(config).items():
        if not 1 <= frames <= video.max_frames:
            yield f"{name}={frames} is outside 1..{video.max_frames} (model.video.max_frames)"
    if not 3 <= data.max_tokens <= text.max_positions:
        yield (
            f"data.max_tokens={data.max_tokens} is outside "
            f"3..{text.max_positions} (model.text.max_positions)"
        )
    if not data.corpora:
        yield "data.corpora is empty; name at least one training corpus"


def _frames(config: RunConfig) -> dict[str, int]:
    return {
        "data.num_frames": config.data.num_frames,
        "evaluation.num_frames": config.evaluation.num_frames,
    }


def _plan(config: RunConfig) -> Iterator[str]:
    plan = config.plan
    yield from _positive("plan.epochs", plan.epochs)
    yield from _positive("plan.batch_size", plan.batch_size)
    yield from _positive("plan.learning_rate", plan.learning_rate)
    if plan.epoch_steps is not None:
        yield from _positive("plan.epoch_steps", plan.epoch_steps)
    for name in ("grounding_epochs", "warmup_epochs"):
        if not 0 <= getattr(plan, name) <= plan.epochs:
            yield f"plan.{name}={getattr(plan, name)} is outside 0..{plan.epochs} (plan.epochs)"
    yield from _share("plan.decay_share", plan.decay_share)


def _objective(config: RunConfig) -> Iterator[str]:
    objective = config.objective
    for name in ("latent_temperature", "lexicon_temperature", "distillation_temperature"):
        yield from _positive(f"objective.{name}", getattr(objective, name))
    for name in ("flops_ramp", "mlm_ratio"):
        yield from _share(f"objective.{name}", getattr(objective, name))
    yield from _share("evaluation.lexicon_share", config.evaluation.lexicon_share)
    yield from _share("data.max_unreadable_share", config.data.max_unreadable_share)


def _starts(config: RunConfig) -> Iterator[str]:
    try:
        warm_starts(config)
    except ValueError as error:
        yield str(error)


def _positive(name: str, value: float) -> Iterator[str]:
    if value <= 0:
        yield f"{name}={value} must be above 0"


def _share(name: str, value: float) -> Iterator[str]:
    if not 0 <= value <= 1:
        yield f"{name}={value} is outside 0..1"
