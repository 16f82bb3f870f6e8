"""The text stream's parts: BERT's embeddings and layers, from transformers."""

import torch
from torch import Tensor, nn
from transformers import BertConfig
from transformers.models.bert.modeling_bert import BertEmbeddings, BertLayer

from unify.config import TextEncoderConfig
from unify.models.start import start_as_published, start_std
from unify.models.vocabulary import Vocabulary


def bert_config(config: TextEncoderConfig, entries: int) -> BertConfig:
    """transformers' view of the text stream's sizes."""
    return BertConfig(
        vocab_size=entries,
        hidden_size=config.width,
        num_attention_heads=config.heads,
        intermediate_size=config.mlp_width,
        max_position_embeddings=config.max_positions,
        hidden_dropout_prob=config.dropout,
        attention_probs_dropout_prob=config.dropout,
        initializer_range=start_std(config.width),
        attn_implementation="sdpa",
    )


class TextEmbeddings(nn.Module):
    """BERT's embeddings, looked up by BERT id in the vocabulary kept."""

    def __init__(self, config: TextEncoderConfig, vocabulary: Vocabulary) -> None:
        super().__init__()
        self.vocabulary = vocabulary
        self.bert = BertEmbeddings(bert_config(config, len(vocabulary)))
        start_as_published(self, config.width)

    def forward(self, tokens: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor]:
        """BERT ids (B, L) and mask (B, L) -> (B, L, D) and the additive mask (B, 1, 1, L)."""
        ids, mask = tokens
        x = self.bert(input_ids=self.vocabulary.rows[ids])
        bias = torch.zeros(mask.shape, dtype=x.dtype, device=x.device)
        return x, bias.masked_fill(~mask, torch.finfo(x.dtype).min)[:, None, None]


class TextBlock(BertLayer):
    """One BERT layer."""

    def __init__(self, config: TextEncoderConfig) -> None:
        super().__init__(bert_config(config, entries=1))
        start_as_published(self, config.width)

    def forward(self, x: Tensor, mask: Tensor, cls_alone: bool = False) -> Tensor:
        """(B, L, D) and additive mask (B, 1, 1, L) -> (B, L, D), or (B, 1, D) for `cls_alone`."""
        x, _ = self.attention(x, mask)
        return self.feed_forward_chunk(x[:, :1] if cls_alone else x)
