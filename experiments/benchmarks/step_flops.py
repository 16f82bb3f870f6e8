"""Floating-point operations of a training step, by closed formulas.

Counted are the matrix products alone, two operations for a multiplication with its addition: of
linear layers, of attention, of the word scores and of the similarities. The backward pass counts
twice the forward, but for the patches, whose pixels need no gradient.

The work that the mathematics asks for (`step_flops`) counts the gradient of the pooled word scores
through each row's winning tokens alone, word scores at masked positions alone for MLM, and the MLP
that ends a latent branch for [CLS] alone, and padding in captions within attention and the lexicon
head alone. A plain build does more (`plain_head`, all tokens; `masked` and `words`, all positions;
`whole_blocks`): that is more work, not more progress, so MFU is by the smaller number for every
build. Recomputation never counts.
"""

from collections.abc import Callable
from dataclasses import dataclass

from unify.config import ModelConfig, TextEncoderConfig, VideoEncoderConfig


@dataclass(frozen=True, kw_only=True)
class Sizes:
    """Of a batch."""

    clips: int
    frames: int
    tokens: int
    """Of each caption, padding included."""
    words: int
    """Tokens of all captions that are no padding."""
    masked: int
    """Positions in the whole batch that MLM computes word scores of."""
    entries: int
    """Words of the lexicon."""


def step_flops(
    model: ModelConfig, sizes: Sizes, *, plain_head: bool = False, whole_blocks: bool = False
) -> int:
    """Forward and backward pass of one step of stage 2, both branches and all terms."""
    unused = 0 if whole_blocks else _unused(model, sizes)
    encoders = 3 * (_video_blocks(model, sizes) + _text_blocks(model, sizes) - unused)
    others = 2 * _patches(model.video, sizes) + 3 * (_heads(model, sizes) + _products(model, sizes))
    return encoders + others + _pooled_words(model, sizes, plain_head)


def block_rows(model: ModelConfig, sizes: Sizes) -> int:
    """Patches that go through the video blocks of stem and branches, over all blocks."""
    return _blocks(model) * sizes.clips * sizes.frames * _places(model.video)


def linear(rows: int, inputs: int, outputs: int) -> int:
    """One matrix product."""
    return 2 * rows * inputs * outputs


def _blocks(model: ModelConfig) -> int:
    return model.stem_depth + 2 * (model.depth - model.stem_depth)


def _places(video: VideoEncoderConfig) -> int:
    return (video.image_size // video.patch_size) ** 2


def _attention(width: int, rows: int, pairs: int) -> int:
    """Queries, keys, values and projection of `rows`; scores and sums of `pairs`."""
    return linear(rows, width, 4 * width) + 2 * linear(pairs, width, 1)


def _mlp(width: int, hidden: int, rows: int) -> int:
    return linear(rows, width, hidden) + linear(rows, hidden, width)


def _video_blocks(model: ModelConfig, sizes: Sizes) -> int:
    video = model.video
    styles: dict[str, Callable[..., int]] = {"frozen": _frozen, "timesformer": _timesformer}
    attentions = styles[video.attention_style](video.width, sizes.frames, _places(video))
    mlp = _mlp(video.width, video.mlp_width, 1 + sizes.frames * _places(video))
    return _blocks(model) * sizes.clips * (attentions + mlp)


def _frozen(width: int, frames: int, places: int) -> int:
    """[CLS] attends to all tokens; all groups see [CLS]."""
    patches = frames * places
    pairs = [1 + patches + patches * (1 + members) for members in (frames, places)]
    return sum(_attention(width, 1 + patches, of_axis) for of_axis in pairs)


def _timesformer(width: int, frames: int, places: int) -> int:
    """Time without [CLS]; space with a [CLS] for each frame."""
    over_time = _attention(width, frames * places, places * frames**2)
    return over_time + _attention(width, frames * (1 + places), frames * (1 + places) ** 2)


def _text_block(text: TextEncoderConfig, sizes: Sizes) -> int:
    attention = _attention(text.width, sizes.words, sizes.clips * sizes.tokens**2)
    return attention + _mlp(text.width, text.mlp_width, sizes.words)


def _text_blocks(model: ModelConfig, sizes: Sizes) -> int:
    """Both branches for the captions, the lexicon branch alone for the masked ones."""
    return (_blocks(model) + model.depth) * _text_block(model.text, sizes)


def _unused(model: ModelConfig, sizes: Sizes) -> int:
    """The last MLPs of the latent branches, but for [CLS]."""
    video, text, patches = model.video, model.text, sizes.frames * _places(model.video)
    of_clips = _mlp(video.width, video.mlp_width, sizes.clips * patches)
    return of_clips + _mlp(text.width, text.mlp_width, sizes.words - sizes.clips)


def _patches(video: VideoEncoderConfig, sizes: Sizes) -> int:
    rows = sizes.clips * sizes.frames * _places(video)
    return linear(rows, 3 * video.patch_size**2, video.width)


def _heads(model: ModelConfig, sizes: Sizes) -> int:
    """Latent heads, adapter, the lexicon head's transform and the word scores for MLM."""
    video, text, patches = model.video.width, model.text.width, _local(model, sizes)[0]
    latent = linear(sizes.clips, video + text, model.latent.width)
    adapter = linear(patches, video, text) if model.lexicon.video_adapter == "linear" else 0
    transform = linear(sum(_local(model, sizes)) + sizes.masked, text, text)
    return latent + adapter + transform + linear(sizes.masked, text, sizes.entries)


def _products(model: ModelConfig, sizes: Sizes) -> int:
    """Similarities of the batch's captions and clips, each way, in each representation."""
    return 2 * linear(sizes.clips, sizes.clips, model.latent.width + sizes.entries)


def _pooled_words(model: ModelConfig, sizes: Sizes, plain_head: bool) -> int:
    tokens, width = sum(_local(model, sizes)), model.text.width
    forward = linear(tokens, width, sizes.entries)
    winners = linear(2 * sizes.clips, width, sizes.entries)
    return forward + 2 * (forward if plain_head else winners)


def _local(model: ModelConfig, sizes: Sizes) -> tuple[int, int]:
    """Local features of clips and of captions."""
    patches = sizes.frames * _places(model.video) + (model.lexicon.video_tokens == "include_cls")
    return sizes.clips * patches, sizes.clips * sizes.tokens
