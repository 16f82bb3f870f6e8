"""Noise-contrastive estimation over a batch (equation 10)."""

import torch
import torch.nn.functional as F
from torch import Tensor


def cosine(text: Tensor, video: Tensor) -> Tensor:
    """Similarities (Bt, Bv) of (Bt, D) and (Bv, D) after L2 normalisation in float32.

    A zero vector has similarity 0 to everything.
    """
    return F.normalize(text.float(), dim=-1) @ F.normalize(video.float(), dim=-1).T


def info_nce(similarity: Tensor, temperature: float, directions: str = "sum") -> Tensor:
    """Cross-entropy of the true pair against the batch.

    Args:
        similarity: (B, B), captions by clips; true pairs on the diagonal.
        temperature: tau.
        directions: `t2v`, `v2t`, or both by `sum` or `mean`.
    """
    logits = similarity / temperature
    target = torch.arange(len(logits), device=logits.device)
    if directions == "t2v":
        return F.cross_entropy(logits, target)
    if directions == "v2t":
        return F.cross_entropy(logits.T, target)
    both = F.cross_entropy(logits, target) + F.cross_entropy(logits.T, target)
    return both if directions == "sum" else both / 2
