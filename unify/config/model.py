"""The two streams, the two branches and their heads (section 3.1)."""

from dataclasses import dataclass, field
from typing import Literal

from unify.config.knob import local


@dataclass(frozen=True, kw_only=True)
class VideoEncoderConfig:
    """TimeSformer (section 3.1; block details: Frozen)."""

    width: int = 768
    """Hidden size d."""
    heads: int = 12
    """Attention heads."""
    mlp_width: int = 3072
    """Hidden size of each block's MLP."""
    patch_size: int = 16
    """Side of a patch in pixels."""
    image_size: int = 224
    """Side of the square frame that position embeddings are made for."""
    max_frames: int = 4
    """Temporal position embeddings; shorter clips use the first ones."""
    attention_style: Literal["frozen", "timesformer"] = "frozen"
    """Divided attention as in Frozen (temporal output feeds the spatial attention only, one [CLS]
    that sees all tokens) or as in plain TimeSformer (temporal output is a residual, [CLS] is
    averaged over frames)."""
    temporal_start: Literal["frozen", "zero_projection"] = "frozen"
    """Both make the start a ViT. Frozen's has zero queries, keys and values and a projection of
    ones, through which layer norm lets no gradient but rounding noise; `zero_projection` has random
    ones and a projection of zeros (TimeSformer; ours in `mini`)."""
    qkv_bias: bool = True
    """Biases in the query, key and value projections; the miil ImageNet-21K weights have none."""


@dataclass(frozen=True, kw_only=True)
class TextEncoderConfig:
    """BERT (section 3.1)."""

    width: int = 768
    """Hidden size d."""
    heads: int = 12
    """Attention heads."""
    mlp_width: int = 3072
    """Hidden size of each block's MLP."""
    max_positions: int = 512
    """Position embeddings."""
    dropout: float = 0.1
    """Dropout of hidden states and attention while training (BERT's own)."""


@dataclass(frozen=True, kw_only=True)
class LatentConfig:
    """Latent heads, one per stream (equation 3)."""

    width: int = 256
    """d', size of the global vector; not in the paper (Frozen, MILES, BridgeFormer: 256)."""
    style: Literal["linear", "frozen"] = "linear"
    """`frozen` puts a ReLU before the text projection, as Frozen does."""


@dataclass(frozen=True, kw_only=True)
class LexiconConfig:
    """The lexicon head, shared by both streams (equations 4 and 5)."""

    activation: Literal["log1p_relu", "relu", "elu1p"] = "log1p_relu"
    """phi; the paper only says that it sets negatives to zero (SPLADE, LexLIP: log1p_relu)."""
    pooling: Literal["max", "sum", "mean"] = "max"
    """Over local features; not in the paper (SPLADE v2, LexLIP: max)."""
    entries: Literal["all", "used"] = "all"
    """All 30,522 word pieces, or only those that occur in the training captions (ours, for `mini`);
    entries keep their BERT ids."""
    video_tokens: Literal["patches", "include_cls"] = "patches"
    """Local features of the video stream ("local patches", section 3.1)."""
    text_tokens: Literal["all", "exclude_special"] = "all"
    """Local features of the text stream: every token, or without [CLS] and [SEP]."""
    video_adapter: Literal["none", "linear"] = "none"
    """A linear map (identity at the start) between the video stream and the head (ours)."""
    video_bias: float = 0.0
    """Start of a learnt per-word bias on the video side; 0 means no such bias (ours: without it
    most words get no gradient at a small scale)."""
    head_bias: float = 0.0
    """Start of the head's own bias when it is not loaded from weights (ours: -3 in `mini`)."""
    backend: Literal["auto", "reference", "chunked", "triton"] = local("auto")
    """What computes the pooled scores, see `unify.kernels.lexicon_pool`; equal but for rounding."""


@dataclass(frozen=True, kw_only=True)
class ModelConfig:
    """The dual encoder: a stem of N shared blocks, then M = depth - N blocks per branch."""

    depth: int = 12
    """N + M, blocks on the way from input to either head (section 4.1)."""
    stem_depth: int = 9
    """N, shared blocks per stream; 0 shares none, 12 all but the heads (Figure 6)."""
    branches: Literal["both", "latent", "lexicon"] = "both"
    """Both branches, or one alone (Table 5 trains the lexicon branch alone)."""
    video: VideoEncoderConfig = field(default_factory=VideoEncoderConfig)
    """Video stream."""
    text: TextEncoderConfig = field(default_factory=TextEncoderConfig)
    """Text stream."""
    latent: LatentConfig = field(default_factory=LatentConfig)
    """Latent heads."""
    lexicon: LexiconConfig = field(default_factory=LexiconConfig)
    """Lexicon head."""
