"""UNIFY: a dual encoder with a latent and a lexicon branch per stream (section 3.1)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from torch import Tensor, nn

from unify.config import ModelConfig
from unify.models.heads import LatentHead, LexiconHead, VideoAdapter
from unify.models.stream import Stream
from unify.models.text import Captions, TextBlock, TextEmbeddings, TextStream
from unify.models.video import BLOCKS, VideoEmbeddings
from unify.models.vocabulary import Vocabulary

BRANCHES = {"both": ("latent", "lexicon"), "latent": ("latent",), "lexicon": ("lexicon",)}
CLS_ALONE = ("latent",)
"""Branches of which nothing but [CLS] is used."""


@dataclass(frozen=True)
class Representations:
    """What one stream says of its inputs; None where the branch is not built."""

    latent: Tensor | None
    """(B, d') global vectors, not normalised (equation 3)."""
    lexicon: Tensor | None
    """(B, V) word weights, not negative, not normalised (equation 5)."""


class Unify(nn.Module):
    """Video and text streams, latent heads, and the lexicon head that the streams share."""

    def __init__(self, config: ModelConfig, entries: Sequence[int] | None = None) -> None:
        """Build with random weights.

        Args:
            config: sizes and switches.
            entries: BERT ids to keep, for `lexicon.entries = "used"`; None keeps all 30,522.
        """
        super().__init__()
        self.config = config
        names = BRANCHES[config.branches]
        vocabulary = Vocabulary(entries)
        self.video = video_stream(config, names)
        self.text = text_stream(config, names, vocabulary)
        if "latent" in names:
            self.video_head = LatentHead(config.video.width, config.latent, text=False)
            self.text_head = LatentHead(config.text.width, config.latent, text=True)
        if "lexicon" in names:
            words = self.text.embeddings.bert.word_embeddings
            self.lexicon_head = LexiconHead(config.text, config.lexicon, words)
            self.video_adapter = VideoAdapter(
                config.video.width, config.text.width, len(vocabulary), config.lexicon
            )

    @property
    def vocabulary(self) -> Vocabulary:
        """The word pieces behind the lexicon's dimensions."""
        return self.text.embeddings.vocabulary

    def encode_video(self, video: Tensor) -> Representations:
        """Clips (B, T, 3, S, S), normalised floats, to their representations."""
        hidden = self.video(video, cls_alone=CLS_ALONE)
        latent = lexicon = None
        if "latent" in hidden:
            latent = self.video_head(hidden["latent"][:, 0])
        if "lexicon" in hidden:
            first = 0 if self.config.lexicon.video_tokens == "include_cls" else 1
            local = self.video_adapter(hidden["lexicon"][:, first:])
            lexicon = self.lexicon_head.pool(local, None, self.video_adapter.bias)
        return Representations(latent, lexicon)

    def encode_text(
        self, ids: Tensor, mask: Tensor, places: Tensor | None = None
    ) -> Representations:
        """Captions to their representations, see `Captions`."""
        hidden = self.text(Captions(ids, mask, places), cls_alone=CLS_ALONE)
        latent = lexicon = None
        if "latent" in hidden:
            latent = self.text_head(hidden["latent"][:, 0])
        if "lexicon" in hidden:
            counted = mask
            if self.config.lexicon.text_tokens == "exclude_special":
                counted = without_special(mask)
            lexicon = self.lexicon_head.pool(hidden["lexicon"], counted, None)
        return Representations(latent, lexicon)

    def masked_scores(self, captions: Captions, masked: Tensor) -> Tensor:
        """Word scores (K, V) at K places of the flattened (B, L) ids (equation 11)."""
        hidden = self.text(captions, only="lexicon")["lexicon"]
        return self.lexicon_head(hidden.flatten(0, 1).index_select(0, masked))

    def head_parameters(self) -> Iterator[nn.Parameter]:
        """Latent heads and video adapter: what no published weights exist for."""
        for name in ("video_head", "text_head", "video_adapter"):
            if hasattr(self, name):
                yield from getattr(self, name).parameters()

    def grounded_parts(
        self, *, latent_text_blocks: bool, lexicon_head: bool
    ) -> Iterator[nn.Module]:
        """What stage 1 freezes: the lexicon text branch with its stem and embeddings, and, where
        asked for, the latent text blocks and the lexicon head (section 3.3); nothing where there
        is no lexicon branch to ground."""
        if "lexicon" not in self.text.branches:
            return
        yield self.text.embeddings
        yield self.text.stem
        yield self.text.branches["lexicon"]
        if lexicon_head:
            yield self.lexicon_head
        if latent_text_blocks and "latent" in self.text.branches:
            yield self.text.branches["latent"]


def video_stream(config: ModelConfig, branches: tuple[str, ...]) -> Stream:
    """TimeSformer with a stem and branches."""
    return Stream(
        VideoEmbeddings(config.video),
        partial(BLOCKS[config.video.attention_style], config.video),
        partial(nn.LayerNorm, config.video.width, eps=1e-6),
        depth=config.depth,
        stem_depth=config.stem_depth,
        branches=branches,
    )


def text_stream(
    config: ModelConfig, branches: tuple[str, ...], vocabulary: Vocabulary
) -> TextStream:
    """BERT with a stem and branches; BERT's layers end in their own norm."""
    return TextStream(
        TextEmbeddings(config.text, vocabulary),
        partial(TextBlock, config.text),
        nn.Identity,
        depth=config.depth,
        stem_depth=config.stem_depth,
        branches=branches,
    )


def without_special(mask: Tensor) -> Tensor:
    """(B, L) mask of tokens without each caption's [CLS] (first) and [SEP] (last)."""
    inner = mask.clone()
    inner[:, 0] = False
    inner.scatter_(1, mask.sum(1, keepdim=True) - 1, False)
    return inner
