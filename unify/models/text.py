"""The text stream's parts: BERT's embeddings and layers, from transformers."""

from dataclasses import dataclass
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from transformers import BertConfig
from transformers.models.bert.modeling_bert import BertEmbeddings, BertLayer

from unify.config import TextEncoderConfig
from unify.data.tokens import token_places
from unify.models.start import start_as_published, start_std
from unify.models.stream import Stream
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


class Captions(NamedTuple):
    """What the text stream reads."""

    ids: Tensor
    """(B, L) BERT ids."""
    mask: Tensor
    """(B, L), true on tokens; each caption has one at least, [CLS]."""
    places: Tensor | None = None
    """(n,) of the tokens in the flattened mask, rising; None: found here, for which a CPU waits
    for its GPU."""


@dataclass(frozen=True)
class Packing:
    """Where n tokens lie in B captions of length L: all but attention goes without the padding."""

    places: Tensor
    """(n,) in the flattened captions."""
    first: Tensor
    """(B,), each caption's [CLS] among the n tokens."""
    bias: Tensor
    """(B, 1, 1, L), what is added to the scores of attention."""

    def spread(self, tokens: Tensor) -> Tensor:
        """(n, ...) -> (B, L, ...), zeros at the padding."""
        shape = (self.bias.shape[0], self.bias.shape[-1])
        padded = tokens.new_zeros(shape[0] * shape[1], *tokens.shape[1:])
        return padded.index_copy(0, self.places, tokens).unflatten(0, shape)

    def pack(self, padded: Tensor) -> Tensor:
        """(B, L, ...) -> (n, ...)."""
        return padded.flatten(0, 1).index_select(0, self.places)


class TextEmbeddings(nn.Module):
    """BERT's embeddings, looked up by BERT id in the vocabulary kept."""

    def __init__(self, config: TextEncoderConfig, vocabulary: Vocabulary) -> None:
        super().__init__()
        self.vocabulary = vocabulary
        self.bert = BertEmbeddings(bert_config(config, len(vocabulary)))
        start_as_published(self, config.width)

    def forward(self, tokens: Captions) -> tuple[Tensor, Packing]:
        """Captions -> tokens (n, D), and where they lie."""
        ids, mask, places = Captions(*tokens)
        if places is None:
            places = token_places(mask)
        x = self.bert(input_ids=self.vocabulary.rows[ids])
        bias = torch.zeros(mask.shape, dtype=x.dtype, device=x.device)
        bias = bias.masked_fill(~mask, torch.finfo(x.dtype).min)[:, None, None]
        lengths = mask.sum(1)
        packing = Packing(places, lengths.cumsum(0) - lengths, bias)
        return packing.pack(x), packing


class TextBlock(BertLayer):
    """One BERT layer."""

    def __init__(self, config: TextEncoderConfig) -> None:
        super().__init__(bert_config(config, entries=1))
        start_as_published(self, config.width)

    def forward(self, x: Tensor, packing: Packing, cls_alone: bool = False) -> Tensor:
        """Tokens (n, D) -> (n, D), or [CLS] alone, (B, 1, D), for `cls_alone`."""
        x = self.attention.output(self._attend(x, packing), x)
        return self.feed_forward_chunk(x[packing.first, None] if cls_alone else x)

    def _attend(self, x: Tensor, packing: Packing) -> Tensor:
        """Each caption's tokens to one another, (n, D) -> (n, D)."""
        own = self.attention.self
        parts = (own.query, own.key, own.value)  # one product of three is faster than three
        weight, bias = (torch.cat([getattr(p, n) for p in parts]) for n in ("weight", "bias"))
        qkv = packing.spread(F.linear(x, weight, bias))
        heads = qkv.unflatten(2, (3, own.num_attention_heads, -1)).permute(2, 0, 3, 1, 4)
        bias = packing.bias.to(qkv.dtype)
        dropout = own.dropout.p if self.training else 0.0
        out = F.scaled_dot_product_attention(*heads, attn_mask=bias, dropout_p=dropout)
        return packing.pack(out.transpose(1, 2).flatten(2))


class TextStream(Stream):
    """BERT with a stem and branches."""

    def finish(self, x: Tensor, context: Packing) -> Tensor:
        """Tokens (n, D) -> (B, L, D), zeros at the padding; [CLS] alone stays (B, 1, D)."""
        return x if x.ndim == 3 else context.spread(x)
