"""One contestant's forward and backward pass, and the least that either could take."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

import torch
from torch import Tensor

from experiments.benchmarks.head_inputs import Inputs
from experiments.benchmarks.heads import Contestant
from experiments.benchmarks.measuring import seconds

FLOOR = "floor"
TILES = (1024, 2048, 8192, 2**30)
"""Words multiplied at once, of which the bare product takes the fastest."""


@dataclass
class Pass:
    """Forward, then backward, which takes up what the forward left."""

    contestant: Contestant
    inputs: Inputs
    frozen: bool
    """Whether weight and bias get no gradient."""
    active: int = 0
    """Pairs (clip, word) above zero in the last `results`."""
    _leaves: list[Tensor] = field(default_factory=list)
    _words: Tensor | None = None

    @property
    def name(self) -> str:
        """The contestant's."""
        return self.contestant.name

    def forward(self) -> Tensor:
        """Word weights."""
        given = (self.inputs.hidden, self.inputs.weight, self.inputs.bias)
        if self.contestant.autocast:
            given = tuple(tensor.float() for tensor in given)
        leaves = [tensor.detach() for tensor in given]
        self._leaves = [leaf.requires_grad_() for leaf in leaves[: 1 if self.frozen else 3]]
        self._words = self.contestant.head(*leaves, self.inputs.mask)
        return self._words

    def backward(self) -> tuple[Tensor, ...]:
        """Gradients of hidden, weight and bias, of the first alone where it is frozen."""
        words, self._words = self._words, None
        upstream = self.inputs.upstream.to(words.dtype)
        return torch.autograd.grad(words, self._leaves, upstream)

    def results(self) -> list[Tensor]:
        """Word weights, then gradients."""
        words = self.forward().detach()
        self.active = int((words > 0).sum())
        return [words, *self.backward()]


def bare_product(inputs: Inputs) -> Callable[[], None]:
    """The matrix product that no forward can do without, into memory that is there, tiled over
    words as is fastest here."""
    rows = inputs.hidden.flatten(0, 1)
    tiles = sorted({min(tile, len(inputs.weight)) for tile in TILES})
    calls = [
        partial(_product, rows, inputs.weight, rows.new_empty(len(rows) * t), t) for t in tiles
    ]
    for call in calls:
        call()
    return min(calls, key=lambda call: seconds(call, rows.device))


def backward_bytes(inputs: Inputs, active: int, *, frozen: bool) -> int:
    """Bytes that no backward can do without: for each active (clip, word) a row of `weight` and,
    unless frozen, one of `hidden` are read, and all gradients are written."""
    rows = active * (1 if frozen else 2) * inputs.hidden.shape[-1]
    written = inputs.hidden.numel()
    if not frozen:
        written += inputs.weight.numel() + inputs.bias.numel()
    return (rows + written) * inputs.hidden.element_size()


def backward_floor(inputs: Inputs, active: int, bandwidth: float, *, frozen: bool) -> float:
    """Seconds that these bytes take at the speed of a copy."""
    return backward_bytes(inputs, active, frozen=frozen) / bandwidth


def _product(rows: Tensor, weight: Tensor, room: Tensor, tile: int) -> None:
    for part in weight.split(tile):
        torch.mm(rows, part.T, out=room[: len(rows) * len(part)].view(len(rows), len(part)))
