"""Latent heads, one per stream, and the lexicon head that both streams share."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from transformers.models.bert.modeling_bert import BertPredictionHeadTransform

from unify.config import LatentConfig, LexiconConfig, TextEncoderConfig
from unify.kernels import lexicon_pool
from unify.models.start import start_as_published
from unify.models.text import bert_config


class LatentHead(nn.Sequential):
    """[CLS] to the global vector, (B, D) -> (B, d') (equation 3)."""

    def __init__(self, width: int, config: LatentConfig, *, text: bool) -> None:
        relu = [nn.ReLU()] if text and config.style == "frozen" else []
        super().__init__(*relu, nn.Linear(width, config.width))


class LexiconHead(nn.Module):
    """BERT's MLM head on the word embeddings of the text stream (equations 4 and 5)."""

    def __init__(
        self, text: TextEncoderConfig, config: LexiconConfig, embeddings: nn.Embedding
    ) -> None:
        super().__init__()
        self.config = config
        self.embeddings = embeddings
        self.transform = BertPredictionHeadTransform(bert_config(text, entries=1))
        start_as_published(self.transform, text.width)
        self.bias = nn.Parameter(torch.full((embeddings.num_embeddings,), config.head_bias))

    def forward(self, hidden: Tensor) -> Tensor:
        """Word scores of each feature, (..., D) -> (..., V)."""
        return F.linear(self.transform(hidden), self.embeddings.weight, self.bias)

    def pool(self, hidden: Tensor, mask: Tensor | None, extra_bias: Tensor | None) -> Tensor:
        """Word weights of a clip or caption, (B, T, D) -> (B, V), not normalised."""
        return lexicon_pool(
            self.transform(hidden),
            self.embeddings.weight,
            self.bias if extra_bias is None else self.bias + extra_bias,
            mask,
            activation=self.config.activation,
            pooling=self.config.pooling,
            backend=self.config.backend,
        )


class VideoAdapter(nn.Module):
    """What stands between the video stream and the lexicon head: nothing, or a linear map and a
    per-word bias (ours; see `LexiconConfig.video_adapter` and `video_bias`)."""

    def __init__(self, video: int, text: int, entries: int, config: LexiconConfig) -> None:
        """Lead from the video width to the text width; `none` needs them equal."""
        super().__init__()
        self.linear = nn.Identity()
        if config.video_adapter == "linear":
            self.linear = nn.Linear(video, text)
            nn.init.eye_(self.linear.weight)
            nn.init.zeros_(self.linear.bias)
        self.bias = None
        if config.video_bias:
            self.bias = nn.Parameter(torch.full((entries,), config.video_bias))

    def forward(self, hidden: Tensor) -> Tensor:
        """(B, T, D) -> (B, T, D)."""
        return self.linear(hidden)
