"""Checks of `model`."""

from collections.abc import Iterator

from unify.config.model import ModelConfig, TextEncoderConfig, VideoEncoderConfig
from unify.config.validate.checks import above_zero, share


def model(config: ModelConfig) -> Iterator[str]:
    """Depths, both encoders, heads."""
    yield from above_zero("model", config, "depth")
    if not 0 <= config.stem_depth <= config.depth:
        yield f"model.stem_depth={config.stem_depth} is outside 0..{config.depth} (model.depth)"
    yield from encoder("model.video", config.video)
    yield from encoder("model.text", config.text)
    yield from above_zero("model.latent", config.latent, "width")
    yield from _one_head(config)


def encoder(name: str, config: VideoEncoderConfig | TextEncoderConfig) -> Iterator[str]:
    """One stream's sizes."""
    yield from above_zero(name, config, "heads", "mlp_width")
    if config.width < 1 or config.width % config.heads:
        yield f"{name}.width={config.width} is no multiple of {name}.heads={config.heads}"
    if isinstance(config, TextEncoderConfig):
        yield from share(name, config, "dropout")
        return
    yield from above_zero(name, config, "patch_size", "max_frames")
    if config.image_size < 1 or config.image_size % config.patch_size:
        yield (
            f"{name}.image_size={config.image_size} is no multiple of "
            f"{name}.patch_size={config.patch_size}"
        )


def _one_head(config: ModelConfig) -> Iterator[str]:
    """The lexicon head is shared by both streams."""
    unlike = config.video.width != config.text.width
    if unlike and config.branches != "latent" and config.lexicon.video_adapter == "none":
        yield (
            f"model.text.width={config.text.width} differs from model.video.width="
            f"{config.video.width}, but both streams share the lexicon head; make them equal or "
            "set model.lexicon.video_adapter=linear"
        )
