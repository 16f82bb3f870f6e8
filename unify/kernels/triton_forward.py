"""A product of tokens and words fused with its maximum over tokens."""

from typing import Any

import torch
import triton
import triton.language as tl
from torch import Tensor
from triton import Config

GROUP = 8
"""Blocks of samples that are worked through together, word by word.

Their features (10 MB of 77 MB, for 64 clips) stay in the L2 cache while all words pass by, and a
block of words that has come once serves the whole group.
"""


def _config(words: int, tokens: int, features: int, warps: int, stages: int) -> Config:
    sizes = {"BLOCK_V": words, "BLOCK_T": tokens, "BLOCK_D": features}
    return Config(sizes, num_warps=warps, num_stages=stages)


HALF = [
    _config(128, 256, 64, 8, 3),
    _config(128, 256, 64, 8, 4),
    _config(256, 128, 64, 8, 3),
    _config(128, 128, 64, 8, 3),
    _config(128, 128, 64, 4, 3),
    _config(128, 128, 32, 4, 4),
]
"""Sizes tried for 16 bits. All add up the features in the same order."""

SINGLE = [
    _config(128, 128, 32, 8, 3),
    _config(64, 128, 32, 4, 3),
    _config(64, 64, 32, 4, 3),
]
"""Sizes tried for float32."""

INTERPRETED = [_config(16, 32, 16, 1, 1)]
"""Sizes for Triton's interpreter on the CPU."""


def suited(_: list[Config], arguments: dict[str, Any], **__: Any) -> list[Config]:
    """The configurations to try for a device and dtype."""
    if not arguments["hidden"].is_cuda:
        return INTERPRETED
    return SINGLE if arguments["hidden"].dtype == torch.float32 else HALF


def tail(arguments: dict[str, Any]) -> int:
    """Size of the last, smaller block of tokens: 785 are 3 blocks of 256 and one of 32."""
    left = arguments["T"] % arguments["BLOCK_T"]
    return max(16, triton.next_power_of_2(left)) if left else 0


def samples(arguments: dict[str, Any]) -> int:
    """Samples of one program: captions are short, so several share a block of tokens."""
    short = arguments["T"] < arguments["BLOCK_T"]
    return arguments["BLOCK_T"] // tail(arguments) if short else 1


@triton.jit
def _larger(left, right):
    return tl.maximum(left, right, propagate_nan=tl.PropagateNan.ALL)


@triton.jit
def _scores(words, tokens, D, BLOCK_D: tl.constexpr, PRECISION: tl.constexpr):
    """Products (V, N) of the rows that begin at the pointers `words` (V,) and `tokens` (N,)."""
    scores = tl.zeros([words.shape[0], tokens.shape[0]], tl.float32)
    for start in range(0, D, BLOCK_D):
        column = start + tl.arange(0, BLOCK_D)
        left = tl.load(words[:, None] + column[None, :], (column < D)[None, :], 0.0)
        right = tl.load(tokens[None, :] + column[:, None], (column < D)[:, None], 0.0)
        scores = tl.dot(left, right, scores, input_precision=PRECISION)
    return scores


@triton.jit
def _take(best, place, scores, index):
    """The larger of `best` (V, S) and `scores` (V, S, N); of equal ones the lower index."""
    top = tl.reduce(scores, 2, _larger)
    at_top = (scores == top[:, :, None]) | (scores != scores)  # no NaN equals itself
    first = tl.min(tl.where(at_top, index[None], 2**31 - 1), 2)
    stays = (best > top) | ((best == top) & (place < first)) | (best != best)
    return tl.where(stays, best, top), tl.where(stays, place, first)


@triton.jit
def _block(
    best,
    place,
    words,
    hidden,
    mask,
    sample,
    token,
    T,
    D,
    BLOCK_D: tl.constexpr,
    PRECISION: tl.constexpr,
):
    """Take tokens (N,) of samples (S,) into `best` and `place`."""
    S: tl.constexpr = sample.shape[0]
    N: tl.constexpr = token.shape[0]
    token = tl.minimum(token, T - 1)  # the last one again is no other score
    rows = sample[:, None] * T + token[None, :]
    scores = _scores(words, hidden + tl.reshape(rows, [S * N]) * D, D, BLOCK_D, PRECISION)
    scores = tl.reshape(scores, [words.shape[0], S, N])
    index = tl.broadcast_to(token[None, :], [S, N])
    if mask is not None:
        counts = tl.load(mask + rows)
        scores = tl.where(counts[None], scores, float("-inf"))
        index = tl.where(counts, index, T)
    return _take(best, place, scores, index)


@triton.autotune(HALF, key=["V", "D", "LENGTH"], prune_configs_by={"early_config_prune": suited})
@triton.heuristics({"TAIL": tail, "SAMPLES": samples})
@triton.jit
def _largest(
    hidden,
    weight,
    bias,
    mask,
    values,
    places,
    B,
    T,
    V,
    D,
    LENGTH,  # T in steps: tuning is remembered by it
    PRECISION: tl.constexpr,
    GROUP: tl.constexpr,
    TAIL: tl.constexpr,
    SAMPLES: tl.constexpr,
    BLOCK_V: tl.constexpr,
    BLOCK_T: tl.constexpr,
    BLOCK_D: tl.constexpr,
):
    wide = tl.cdiv(V, BLOCK_V)
    i, j = tl.program_id(0) // wide, tl.program_id(0) % wide
    i, j = tl.swizzle2d(i, j, tl.cdiv(B, SAMPLES), wide, GROUP)
    sample = (i * SAMPLES + tl.arange(0, SAMPLES)).to(tl.int64)
    word = j * BLOCK_V + tl.arange(0, BLOCK_V)
    # What is beyond the last sample, word or token is read as the last: loads need no mask.
    read = tl.minimum(sample, B - 1)
    words = weight + tl.minimum(word, V - 1).to(tl.int64) * D
    best = tl.full([BLOCK_V, SAMPLES], float("-inf"), tl.float32)
    place = tl.full([BLOCK_V, SAMPLES], T, tl.int32)
    full = T // BLOCK_T * BLOCK_T
    if SAMPLES == 1:
        for start in range(0, full, BLOCK_T):
            token = start + tl.arange(0, BLOCK_T)
            best, place = _block(
                best, place, words, hidden, mask, read, token, T, D, BLOCK_D, PRECISION
            )
    if TAIL > 0:
        token = full + tl.arange(0, TAIL)
        best, place = _block(
            best, place, words, hidden, mask, read, token, T, D, BLOCK_D, PRECISION
        )
    # A bias is the same for all tokens, and rounding keeps the order: once at the end is enough.
    offset = tl.load(bias + word, word < V, 0.0).to(tl.float32)
    target = sample[None, :] * V + word[:, None]
    inside = (sample < B)[None, :] & (word < V)[:, None]
    tl.store(values + target, tl.where(place < T, best + offset[:, None], best), inside)
    tl.store(places + target, tl.where(place < T, place, 0), inside)


def largest(
    hidden: Tensor, weight: Tensor, bias: Tensor, mask: Tensor | None
) -> tuple[Tensor, Tensor]:
    """See `unify.kernels.by_triton.largest`."""
    (B, T, D), V = hidden.shape, len(weight)
    values = hidden.new_empty(B, V, dtype=torch.float32)
    places = hidden.new_empty(B, V, dtype=torch.int32)
    if B * T * V == 0:
        return values.fill_(float("-inf")), places.zero_()

    def grid(sizes: dict[str, Any]) -> tuple[int]:
        return (triton.cdiv(B, sizes["SAMPLES"]) * triton.cdiv(V, sizes["BLOCK_V"]),)

    tensors = (hidden, weight, bias, mask if mask is None else mask.contiguous(), values, places)
    precision = "tf32" if torch.backends.cuda.matmul.fp32_precision == "tf32" else "ieee"
    length = triton.next_power_of_2(T)
    _largest[grid](*tensors, B, T, V, D, length, precision, GROUP, enable_fp_fusion=True)
    return values, places
