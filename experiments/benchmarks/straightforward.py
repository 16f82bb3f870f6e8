"""The same model as one would build it in an afternoon, from transformers' own models.

TimesformerModel and BertForMaskedLM with their last blocks twice, one copy for each branch; BERT's
MLM head on every token, `log1p(relu(...))` of all scores, masked, and the maximum over tokens (as
naver/splade does it); the MLM loss by BertForMaskedLM itself, over all positions. Latent heads and
video adapter are ours, as are the losses, the optimiser and the engine. Attention is as the library
has it: written out in TimeSformer, `scaled_dot_product_attention` in BERT.

With `video.attention_style=timesformer` and the same weights it computes what ours does, but for
one thing: transformers' TimeSformer has a linear layer more after the temporal attention
(`temporal_dense`, as Meta's code), which is the identity where it stands for ours. Token order
differs (place by place, not frame by frame) and does not matter. With `attention_style=frozen`, our
default, the blocks have the same weights and nearly the same products, but other connections.
"""

from copy import deepcopy

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from transformers import BertForMaskedLM, TimesformerConfig, TimesformerModel
from transformers.masking_utils import create_bidirectional_mask

from unify.config import ModelConfig, VideoEncoderConfig
from unify.data.loader import Batch
from unify.data.tokens import IGNORED
from unify.models.heads import LatentHead, VideoAdapter
from unify.models.text import bert_config
from unify.models.vocabulary import Vocabulary
from unify.systems.unify import Representations, without_special
from unify.training.objective import UnifyObjective

COVERED = {
    "branches": "both",
    "lexicon.activation": "log1p_relu",
    "lexicon.pooling": "max",
    "lexicon.video_tokens": "patches",
}
"""What this build has; it has no switches."""


class Straightforward(nn.Module):
    """UNIFY from transformers' models; the same calls as `Unify`, but for the masked words."""

    def __init__(self, config: ModelConfig, entries: list[int] | None) -> None:
        """Random weights; ValueError where the config asks for what this build does not have."""
        super().__init__()
        _check(config)
        self.config = config
        self.vocabulary = Vocabulary(entries)
        self.video = VideoStream(config)
        self.text = TextStream(config, len(self.vocabulary))
        self.video_head = LatentHead(config.video.width, config.latent, text=False)
        self.text_head = LatentHead(config.text.width, config.latent, text=True)
        self.video_adapter = VideoAdapter(
            config.video.width, config.text.width, len(self.vocabulary), config.lexicon
        )

    def encode_video(self, video: Tensor) -> Representations:
        """Clips (B, T, 3, S, S) to their representations."""
        latent, lexicon = self.video(video)
        local = self.video_adapter(lexicon[:, 1:])
        words = self.text.word_scores(local, self.video_adapter.bias).max(1).values
        return Representations(self.video_head(latent[:, 0]), words)

    def encode_text(
        self, ids: Tensor, mask: Tensor, places: Tensor | None = None
    ) -> Representations:
        """Captions as BERT ids (B, L) and mask (B, L) to their representations."""
        latent, lexicon = self.text(self.vocabulary.rows[ids], mask)
        special = self.config.lexicon.text_tokens == "all"
        counted = mask if special else without_special(mask)
        words = (self.text.word_scores(lexicon, None) * counted[..., None]).max(1).values
        return Representations(self.text_head(latent[:, 0]), words)

    def masked_loss(self, batch: Batch) -> Tensor:
        """BertForMaskedLM's own loss."""
        labels = torch.full_like(batch.ids, IGNORED)
        labels.view(-1)[batch.mlm_places] = self.vocabulary.rows[batch.mlm_words]
        ids = self.vocabulary.rows[batch.masked_ids]
        return self.text.bert(input_ids=ids, attention_mask=batch.mask, labels=labels).loss

    def head_parameters(self) -> list[nn.Parameter]:
        """Those that ours trains at the heads' rate."""
        parts = (self.video_head, self.text_head, self.video_adapter)
        return [parameter for part in parts for parameter in part.parameters()]


class StraightforwardObjective(UnifyObjective):
    """Our losses on this model; one process."""

    def _masked_words(self, batch: Batch) -> Tensor:
        return self.model.masked_loss(batch)


class VideoStream(nn.Module):
    """TimesformerModel; its last blocks and its norm once more for the latent branch."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.stem_depth = config.stem_depth
        self.model = TimesformerModel(timesformer_config(config.video, config.depth))
        self.latent = deepcopy(self.model.encoder.layer[self.stem_depth :])
        self.latent_norm = deepcopy(self.model.layernorm)

    def forward(self, video: Tensor) -> tuple[Tensor, Tensor]:
        """(B, T, 3, S, S) -> (B, 1 + T * P, D) of the latent and of the lexicon branch."""
        x = self.model.embeddings(video)
        for layer in self.model.encoder.layer[: self.stem_depth]:
            x = layer(x)[0]
        latent = lexicon = x
        for layer in self.latent:
            latent = layer(latent)[0]
        for layer in self.model.encoder.layer[self.stem_depth :]:
            lexicon = layer(lexicon)[0]
        return self.latent_norm(latent), self.model.layernorm(lexicon)


class TextStream(nn.Module):
    """BertForMaskedLM; its last blocks once more for the latent branch."""

    def __init__(self, config: ModelConfig, entries: int) -> None:
        super().__init__()
        sizes = bert_config(config.text, entries)
        sizes.num_hidden_layers = config.depth
        self.stem_depth = config.stem_depth
        self.bert = BertForMaskedLM(sizes)
        self.latent = deepcopy(self.bert.bert.encoder.layer[self.stem_depth :])

    def forward(self, rows: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Rows of the embeddings (B, L) and mask -> (B, L, D) of the latent and the lexicon
        branch."""
        bert = self.bert.bert
        x = bert.embeddings(input_ids=rows)
        mask = create_bidirectional_mask(
            config=bert.config, inputs_embeds=x, attention_mask=mask.long()
        )
        for layer in bert.encoder.layer[: self.stem_depth]:
            x = layer(x, mask)
        latent = lexicon = x
        for layer in self.latent:
            latent = layer(latent, mask)
        for layer in bert.encoder.layer[self.stem_depth :]:
            lexicon = layer(lexicon, mask)
        return latent, lexicon

    def word_scores(self, hidden: Tensor, extra_bias: Tensor | None) -> Tensor:
        """Word weights of each token, (B, T, D) -> (B, T, V)."""
        head = self.bert.cls.predictions
        bias = head.decoder.bias if extra_bias is None else head.decoder.bias + extra_bias
        return torch.log1p(F.relu(F.linear(head.transform(hidden), head.decoder.weight, bias)))


def timesformer_config(config: VideoEncoderConfig, depth: int) -> TimesformerConfig:
    """transformers' view of the video stream's sizes."""
    return TimesformerConfig(
        image_size=config.image_size,
        patch_size=config.patch_size,
        num_frames=config.max_frames,
        hidden_size=config.width,
        num_hidden_layers=depth,
        num_attention_heads=config.heads,
        intermediate_size=config.mlp_width,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
        qkv_bias=config.qkv_bias,
        attention_type="divided_space_time",
    )


def _check(config: ModelConfig) -> None:
    for name, value in COVERED.items():
        part = config
        for field in name.split("."):
            part = getattr(part, field)
        if part != value:
            raise ValueError(f"model.{name}={part} is not in the straightforward build; {value} is")
    if config.stem_depth == config.depth:
        raise ValueError("the straightforward build needs branches; lower model.stem_depth")
