"""Ways to compute the lexicon head: ours, and what is common elsewhere."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.utils.checkpoint import checkpoint

from unify.kernels import lexicon_pool

Head = Callable[[Tensor, Tensor, Tensor, Tensor], Tensor]
"""hidden (B, T, D), weight (V, D), bias (V,), mask (B, T) -> word weights (B, V)."""
PEER = "SpladePooling"
PACKAGE = "sentence-transformers"


@dataclass(frozen=True)
class Contestant:
    """A way to compute the head."""

    name: str
    head: Head | None
    """None where its package is not installed."""
    autocast: bool = False
    """Whether it gets float32 and computes in bfloat16 by autocast."""


def contestants(on_cuda: bool) -> list[Contestant]:
    """All of them, ours first."""
    ours = [Contestant("ours", lexicon_pool)]
    others = [
        Contestant("plain", plain),
        Contestant("checkpointed", checkpointed),
        Contestant(PEER, _splade_pooling()),
    ]
    if not on_cuda:
        return [*ours, *others]
    return [
        *ours,
        *(Contestant(f"ours, {name}", partial(lexicon_pool, backend=name)) for name in BACKENDS),
        Contestant("ours, autocast", _under_autocast(lexicon_pool), autocast=True),
        *others,
        Contestant("plain, autocast", _under_autocast(plain), autocast=True),
        Contestant("max first", max_first),
    ]


BACKENDS = ("chunked", "triton")


def plain(hidden: Tensor, weight: Tensor, bias: Tensor, mask: Tensor) -> Tensor:
    """As SPLADE's own code has it (naver/splade, `transformer_rep.py`): activated scores of all
    tokens and words, masked, then the largest."""
    activated = torch.log1p(F.relu(F.linear(hidden, weight, bias)))
    return torch.max(activated * mask.unsqueeze(-1), dim=1).values


def max_first(hidden: Tensor, weight: Tensor, bias: Tensor, mask: Tensor) -> Tensor:
    """All scores, and the largest taken before the activation."""
    scores = F.linear(hidden, weight, bias).masked_fill(~mask.unsqueeze(-1), float("-inf"))
    return torch.log1p(F.relu(scores.amax(1)))


def checkpointed(hidden: Tensor, weight: Tensor, bias: Tensor, mask: Tensor) -> Tensor:
    """The plain form sample by sample, computed again in the backward pass."""
    samples = zip(hidden.split(1), mask.split(1), strict=True)
    rows = [checkpoint(plain, h, weight, bias, m, use_reentrant=False) for h, m in samples]
    return torch.cat(rows)


def _splade_pooling() -> Head | None:
    """Of sentence-transformers, on the scores of all tokens and words, as it is used there."""
    if find_spec("sentence_transformers") is None:
        return None
    from sentence_transformers.sparse_encoder.modules import SpladePooling

    pooling = SpladePooling(pooling_strategy="max").train()

    def head(hidden: Tensor, weight: Tensor, bias: Tensor, mask: Tensor) -> Tensor:
        scores = F.linear(hidden, weight, bias)
        pooled = pooling({"token_embeddings": scores, "attention_mask": mask})
        return pooled["sentence_embedding"]

    return head


def _under_autocast(head: Head) -> Head:
    def inside(hidden: Tensor, weight: Tensor, bias: Tensor, mask: Tensor) -> Tensor:
        with torch.autocast(hidden.device.type, torch.bfloat16):
            return head(hidden, weight, bias, mask)

    return inside
