"""Where the encoders start: published weights, random, or a small training of our own."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from unify.config.knob import local
from unify.config.model import TextEncoderConfig, VideoEncoderConfig
from unify.config.world import WorldConfig

Start = Literal["pretrained", "warm_start", "random"]


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """What both warm starts have in common."""

    steps: int
    """Optimiser steps."""
    batch_size: int
    """Captions or images per step."""
    learning_rate: float
    """Peak rate."""
    warmup_share: float = 0.05
    """First share of the steps, in which the rate grows linearly."""
    decay_share: float = 0.35
    """Last share of the steps, in which the rate falls linearly to zero."""
    weight_decay: float = 0.02
    """AdamW's decay."""
    betas: tuple[float, float] = (0.9, 0.98)
    """AdamW's moment decays."""


@dataclass(frozen=True, kw_only=True)
class TextRecipe(Recipe):
    """A tiny BERT trained on the miniature world's texts (ours, for `mini`)."""

    steps: int = 500
    """Optimiser steps."""
    batch_size: int = 64
    """Captions per step: pairs of two wordings of one story."""
    learning_rate: float = 2e-3
    """Peak rate."""
    mlm_ratio: float = 0.3
    """Share of masked tokens."""
    copy_weight: float = 3.0
    """Weight of predicting the unmasked tokens themselves (ours: random nouns cannot be guessed, so
    MLM alone leaves their words inactive)."""
    rewording_weight: float = 1.0
    """Weight of the contrastive term between two wordings of one story, on [CLS]."""
    rewording_temperature: float = 0.05
    """tau of that term."""
    bag_weight: float = 1.0
    """Weight of predicting all words of the caption from [CLS]."""


@dataclass(frozen=True, kw_only=True)
class VideoRecipe(Recipe):
    """A tiny ViT that names the objects of the miniature world's labelled images (ours)."""

    steps: int = 2000
    """Optimiser steps."""
    batch_size: int = 32
    """Images per step."""
    learning_rate: float = 5e-3
    """Peak rate."""
    crop_scale: tuple[float, float] = (0.8, 1.0)
    """Area range of the random crop."""


@dataclass(frozen=True, kw_only=True)
class InitConfig:
    """How each stream starts, and the recipes of the warm starts."""

    text: Start = "pretrained"
    """Text stream and lexicon head."""
    video: Start = "pretrained"
    """Video stream."""
    text_weights: str = "bert-base-uncased"
    """Name of a BERT with MLM head, for `pretrained` (section 4.1): a folder in `weights_root`, a
    path, or a hub name."""
    video_weights: str = "vit_base_patch16_224.orig_in21k_ft_in1k"
    """Name of a timm ViT, for `pretrained` (section 4.1: ImageNet-21K): the file of its state,
    `<name>.safetensors`, in `weights_root`, a path, or a timm name."""
    weights_root: str | None = local(None)
    """Folder of published weights, for machines without network. The names of weights are part of
    a run's identity, where they lie is not."""
    seed: int = 0
    """Seed of the warm starts, the same for all seeds of a run: they are shared."""
    text_recipe: TextRecipe = field(default_factory=TextRecipe)
    """Used with text = warm_start."""
    video_recipe: VideoRecipe = field(default_factory=VideoRecipe)
    """Used with video = warm_start."""

    def weights(self, part: Literal["text", "video"]) -> str:
        """Where the published weights of a stream are: a path, or a name in a hub."""
        name = getattr(self, f"{part}_weights")
        if self.weights_root is None:
            return name
        return str(Path(self.weights_root) / (name if part == "text" else f"{name}.safetensors"))


@dataclass(frozen=True, kw_only=True)
class WarmStartConfig:
    """One warm start: a run like any other, made once and shared by signature."""

    part: Literal["text", "video"]
    """Which stream it makes."""
    seed: int
    """Seed of initial values and data order."""
    world: WorldConfig
    """The miniature world that it learns from."""
    depth: int
    """Blocks of the encoder."""
    encoder: TextEncoderConfig | VideoEncoderConfig
    """The stream's sizes."""
    recipe: TextRecipe | VideoRecipe
    """How it is trained."""
    mean: tuple[float, float, float] = (0.5, 0.5, 0.5)
    """Channel means of the images (video part)."""
    std: tuple[float, float, float] = (0.5, 0.5, 0.5)
    """Channel standard deviations of the images (video part)."""
    max_tokens: int = 32
    """Word pieces per caption, specials included (text part)."""
    head_bias: float = 0.0
    """Start of the lexicon head's bias (text part)."""
    root: str = local("data/mini")
    """Folder that holds the miniature world."""
