"""Gradients of the largest scores: each word takes from one token of each sample.

Every row of a result has one owner that adds in a fixed order: no atomics, and the same bits in
each run. The features are cut into blocks, and one block of all rows is worked through before the
next: a block of `hidden` (26 MB of 77 MB) or `weight` then stays in the L2 cache, where the rows
are gathered from.
"""

import torch
import triton
import triton.language as tl
from torch import Tensor

ROWS = 8
"""Rows that a program gathers at a time."""

CHUNK = 256
"""Entries that one program adds up: one token may win thousands of words of its sample."""

OPTIONS = {"num_warps": 1, "enable_fp_fusion": True}


@triton.jit
def _weight_grad(
    gradient,
    places,
    hidden,
    result,
    B,
    T,
    V,
    D,
    ROWS: tl.constexpr,
    BLOCK_D: tl.constexpr,
):
    """ROWS words, sample by sample."""
    word = tl.program_id(0) * ROWS + tl.arange(0, ROWS)
    column = tl.program_id(1) * BLOCK_D + tl.arange(0, BLOCK_D)
    inside = (word < V)[:, None] & (column < D)[None, :]
    total = tl.zeros([ROWS, BLOCK_D], tl.float32)
    gradient += word
    places += word
    for sample in tl.range(0, B, loop_unroll_factor=4):
        amount = tl.load(gradient, word < V, 0.0)[:, None]
        token = sample * T + tl.load(places, word < V, 0)
        rows = hidden + token.to(tl.int64)[:, None] * D + column[None, :]
        total += amount * tl.load(rows, inside & (amount != 0), 0.0).to(tl.float32)
        gradient += V
        places += V
    target = result + word.to(tl.int64)[:, None] * D + column[None, :]
    tl.store(target, total, inside)


@triton.jit
def _sum(first, last, words, amounts, weight, D, column, ROWS: tl.constexpr):
    """The sum of entries `first` to `last`: rows of `weight`, each times its amount."""
    total = tl.zeros([ROWS, column.shape[0]], tl.float32)
    for start in range(first, last, ROWS):
        entry = start + tl.arange(0, ROWS)
        amount = tl.load(amounts + entry, entry < last, 0.0)[:, None]
        word = tl.load(words + entry, entry < last, 0)
        rows = weight + word.to(tl.int64)[:, None] * D + column[None, :]
        inside = (entry < last)[:, None] & (column < D)[None, :]
        total += amount * tl.load(rows, inside, 0.0).to(tl.float32)
    return tl.sum(total, 0)


@triton.jit
def _chunk_sums(
    tokens,
    words,
    amounts,
    weight,
    sums,
    num_tokens,
    D,
    CHUNK: tl.constexpr,
    ROWS: tl.constexpr,
    BLOCK_D: tl.constexpr,
):
    """Sums of the chunks of entries that belong to one token as a whole."""
    chunk = tl.program_id(0).to(tl.int64)
    first = chunk * CHUNK
    token = tl.load(tokens + first)
    if (token == tl.load(tokens + first + CHUNK - 1)) & (token < num_tokens):
        column = tl.program_id(1) * BLOCK_D + tl.arange(0, BLOCK_D)
        total = _sum(first, first + CHUNK, words, amounts, weight, D, column, ROWS)
        tl.store(sums + chunk * D + column, total, column < D)


@triton.jit
def _hidden_grad(
    begins,
    words,
    amounts,
    weight,
    sums,
    result,
    D,
    CHUNK: tl.constexpr,
    ROWS: tl.constexpr,
    BLOCK_D: tl.constexpr,
):
    """One token: its entries before its whole chunks, the sums of these, its entries after."""
    token = tl.program_id(0).to(tl.int64)
    column = tl.program_id(1) * BLOCK_D + tl.arange(0, BLOCK_D)
    first = tl.load(begins + token)
    last = tl.load(begins + token + 1)
    chunk, end = (first + CHUNK - 1) // CHUNK, last // CHUNK
    before = tl.minimum(last, chunk * CHUNK)
    total = _sum(first, before, words, amounts, weight, D, column, ROWS)
    for i in range(chunk, end):
        total += tl.load(sums + i * D + column, column < D, 0.0)
    after = tl.maximum(before, end * CHUNK)
    total += _sum(after, last, words, amounts, weight, D, column, ROWS)
    tl.store(result + token * D + column, total, column < D)


def weight_grad(gradient: Tensor, places: Tensor, hidden: Tensor, weight: Tensor) -> Tensor:
    """Rows of `hidden` at `places`, times `gradient`, summed over samples."""
    (B, T, D), V = hidden.shape, len(weight)
    if hidden.numel() == 0 or V == 0:
        return torch.zeros_like(weight)
    result = torch.empty_like(weight)
    block = _features(D)
    grid = (triton.cdiv(V, ROWS), triton.cdiv(D, block))
    _weight_grad[grid](gradient, places, hidden, result, B, T, V, D, ROWS, block, **OPTIONS)
    return result


def hidden_grad(gradient: Tensor, places: Tensor, hidden: Tensor, weight: Tensor) -> Tensor:
    """Rows of `weight`, times `gradient`, summed over the words that a token wins."""
    (B, T, D), V = hidden.shape, len(weight)
    if hidden.numel() == 0 or V == 0:
        return torch.zeros_like(hidden)
    tokens, *entries = _by_token(gradient, places, T)
    begins = torch.searchsorted(tokens, torch.arange(B * T + 1, device=hidden.device).int())
    sums = gradient.new_empty(B * V // CHUNK, D)
    result = torch.empty_like(hidden)
    sizes = (CHUNK, ROWS, _features(D))
    blocks = triton.cdiv(D, _features(D))
    if len(sums):
        grid = (len(sums), blocks)
        _chunk_sums[grid](tokens, *entries, weight, sums, B * T, D, *sizes, **OPTIONS)
    _hidden_grad[B * T, blocks](begins, *entries, weight, sums, result, D, *sizes, **OPTIONS)
    return result


def _features(features: int) -> int:
    return min(256, triton.next_power_of_2(features))


def _by_token(gradient: Tensor, places: Tensor, T: int) -> tuple[Tensor, Tensor, Tensor]:
    """All entries sorted by token: tokens, words and amounts, (B V,) each; zeros come last.

    The zeros are sorted along because only the device knows their number: to leave them out, the
    host would have to wait for it.
    """
    B, V = gradient.shape
    first = torch.arange(B, device=places.device).int()[:, None] * T
    keys = (first + places).masked_fill(gradient == 0, B * T)
    tokens, order = keys.flatten().sort(stable=True)
    return tokens, order % V, gradient.flatten()[order]
