"""Our weights in the straightforward build, which names the same parts otherwise."""

import re

import torch
from torch import Tensor

from experiments.benchmarks.straightforward import Straightforward
from unify.systems.unify import Unify

VIDEO_BLOCK = {
    "temporal_norm": "temporal_layernorm",
    "temporal_attn.qkv": "temporal_attention.attention.qkv",
    "temporal_attn.proj": "temporal_attention.output.dense",
    "norm1": "layernorm_before",
    "attn.qkv": "attention.attention.qkv",
    "attn.proj": "attention.output.dense",
    "norm2": "layernorm_after",
    "mlp.fc1": "intermediate.dense",
    "mlp.fc2": "output.dense",
}
OTHERS = {
    "video.embeddings.patch_embed.proj": "video.model.embeddings.patch_embeddings.projection",
    "video.embeddings.cls_token": "video.model.embeddings.cls_token",
    "video.embeddings.pos_embed": "video.model.embeddings.position_embeddings",
    "video.embeddings.temporal_embed": "video.model.embeddings.time_embeddings",
    "video.branches.latent.norm": "video.latent_norm",
    "video.branches.lexicon.norm": "video.model.layernorm",
    "text.embeddings.vocabulary": "vocabulary",
    "text.embeddings.bert": "text.bert.bert.embeddings",
    "lexicon_head.embeddings": "text.bert.bert.embeddings.word_embeddings",
    "lexicon_head": "text.bert.cls.predictions",
}
"""Longer names first where one begins another."""
BLOCK = re.compile(r"(video|text)\.(stem|branches\.latent|branches\.lexicon)\.blocks\.(\d+)\.(.+)")


def copy_weights(ours: Unify, theirs: Straightforward) -> None:
    """Give it our weights; what it has beyond them (`temporal_dense`) becomes the identity."""
    mine, places = ours.state_dict(), theirs.state_dict()
    with torch.no_grad():
        for name, value in mine.items():
            place = places[_place(name, ours.config.stem_depth)]
            place.copy_(value.reshape(place.shape))
        for name, place in places.items():
            if "temporal_dense" in name:
                place.copy_(_identity(place))


def _place(name: str, stem_depth: int) -> str:
    """Its name in the straightforward build."""
    if match := BLOCK.fullmatch(name):
        stream, run, number, rest = match[1], match[2], int(match[3]), match[4]
        if stream == "video":
            rest = _renamed(rest, VIDEO_BLOCK)
        if run == "branches.latent":
            return f"{stream}.latent.{number}.{rest}"
        model = {"video": "video.model.encoder", "text": "text.bert.bert.encoder"}[stream]
        return f"{model}.layer.{number + stem_depth * (run != 'stem')}.{rest}"
    return _renamed(name, OTHERS)


def _renamed(name: str, names: dict[str, str]) -> str:
    for old, new in names.items():
        if name == old or name.startswith(f"{old}."):
            return new + name.removeprefix(old)
    return name


def _identity(place: Tensor) -> Tensor:
    return torch.eye(len(place)) if place.ndim == 2 else torch.zeros(len(place))
