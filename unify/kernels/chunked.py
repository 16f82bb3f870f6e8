"""The lexicon's pooling in tiles of words: no more than a tile of scores exists at a time.

Of the maximum's gradient only the winning feature of each (sample, word) has any, so the backward
pass of max pooling is two weighted sums of gathered rows in place of two matrix products.
"""

from collections.abc import Iterator

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.utils.checkpoint import checkpoint

from unify.kernels.activations import ACTIVATIONS

TILE_BYTES = {"cpu": 8 << 20, "cuda": 256 << 20}
"""Scores of a tile: on a CPU they stay in its caches, on a GPU they keep it busy."""


def largest(
    hidden: Tensor, weight: Tensor, bias: Tensor, mask: Tensor | None
) -> tuple[Tensor, Tensor]:
    """The largest score of each word among the features that count, and whose it is.

    Args:
        hidden: (B, T, D).
        weight: (V, D) of hidden's type.
        bias: (V,) of hidden's type.
        mask: (B, T), true where a feature counts; None counts all.

    Returns:
        values: float32 (B, V); -inf where no feature counts.
        places: int32 (B, V), the first feature that has it; 0 where none counts.
    """
    shape = (len(hidden), len(weight))
    values = hidden.new_full(shape, float("-inf"), dtype=torch.float32)
    places = hidden.new_zeros(shape, dtype=torch.int32)
    if not hidden.shape[:2].numel():
        return values, places
    rows = hidden.flatten(0, 1)
    buffer = hidden.new_empty(len(rows) * min(_words_of_tile(hidden), len(weight)))
    for words in _tiles(hidden, len(weight)):
        tile = weight[words]
        scores = buffer[: len(tile) * len(rows)].view(len(tile), len(rows))
        torch.mm(tile, rows.T, out=scores)
        scores = scores.unflatten(1, hidden.shape[:2])  # V B T: a maximum reads what lies together
        if mask is not None:
            scores.masked_fill_(~mask, float("-inf"))
        best = scores.max(2)
        values[:, words], places[:, words] = best.values.T, best.indices.T
    return values.add_(bias), places


def gradients(
    gradient: Tensor, places: Tensor, hidden: Tensor, weight: Tensor, wanted: tuple[bool, ...]
) -> tuple[Tensor | None, Tensor | None, Tensor | None]:
    """Gradients of hidden, weight and bias, those that are wanted.

    Args:
        gradient: float32 (B, V), of the values of `largest`; its zeros cost nothing.
        places: of `largest`.
        hidden: (B, T, D).
        weight: (V, D).
        wanted: of hidden, weight and bias.
    """
    of_hidden = of_weight = None
    batch, tokens, _ = hidden.shape
    factors = gradient.T.flatten()  # word by word
    entries = factors.nonzero()[:, 0]
    factors = factors.index_select(0, entries)
    starts = torch.arange(batch, dtype=places.dtype, device=places.device) * tokens
    rows = (places.T + starts).flatten().index_select(0, entries)
    words = entries.div_(batch, rounding_mode="floor").to(rows.dtype)
    if wanted[0]:
        owners, order = rows.sort(stable=True)
        taken = words.index_select(0, order), factors.index_select(0, order)
        of_hidden = _weighted_sums(weight, *taken, owners, batch * tokens).view_as(hidden)
    if wanted[1]:
        of_weight = _weighted_sums(hidden.flatten(0, 1), rows, factors, words, len(weight))
    of_bias = gradient.sum(0).to(weight.dtype) if wanted[2] else None
    return of_hidden, of_weight, of_bias


def total(hidden: Tensor, weight: Tensor, bias: Tensor, mask: Tensor, activation: str) -> Tensor:
    """Activated scores summed over the features that count: float32 (B, V).

    Every score has a gradient here, so the backward pass computes the tiles once more.
    """
    tiles = [
        checkpoint(
            _tile_total,
            *(hidden, weight[words], bias[words], mask, activation),
            use_reentrant=False,
            preserve_rng_state=False,
        )
        for words in _tiles(hidden, len(weight))
    ]
    return torch.cat(tiles, dim=1)


def _tile_total(
    hidden: Tensor, weight: Tensor, bias: Tensor, mask: Tensor, activation: str
) -> Tensor:
    weights = ACTIVATIONS[activation](F.linear(hidden, weight, bias).float())
    return weights.masked_fill(~mask[..., None], 0).sum(1)


def _weighted_sums(
    table: Tensor, index: Tensor, factors: Tensor, owners: Tensor, count: int
) -> Tensor:
    """For each of `count` owners the sum of its entries' rows of a table times their factors;
    `owners` rises. In the order of the entries, so the same every time."""
    sizes = torch.bincount(owners, minlength=count)
    offsets = (sizes.cumsum(0) - sizes).to(index.dtype)
    factors = factors.to(table.dtype)
    return F.embedding_bag(index, table, offsets, mode="sum", per_sample_weights=factors)


def _words_of_tile(hidden: Tensor) -> int:
    limit = TILE_BYTES.get(hidden.device.type, TILE_BYTES["cuda"])
    return max(1, limit // max(1, hidden.shape[:2].numel() * hidden.itemsize))


def _tiles(hidden: Tensor, words: int) -> Iterator[slice]:
    size = _words_of_tile(hidden)
    return (slice(start, start + size) for start in range(0, words, size))
