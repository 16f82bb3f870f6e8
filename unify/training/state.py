"""A training's state parameter by parameter: what this process holds of it.

ZeRO-2 lays the parameters of a group end to end and gives each process an equal stretch of their
weights and AdamW moments. DeepSpeed's universal checkpoint rests on a map from each parameter to
the process's part of it; that map is used here directly, as all of DeepSpeed's own files are
pickles.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import deepspeed
import torch
from torch import Tensor, nn

WEIGHT = "weight"


@dataclass(frozen=True)
class Part:
    """A contiguous stretch of one parameter, flattened, with its optimiser state."""

    name: str
    start: int
    """Of the stretch within the parameter."""
    weight: Tensor
    """(n,) float32, a view: writing to it changes the training's state."""
    owner: Tensor
    """What the optimiser knows the weight by, and keeps a state of."""
    offset: int
    """Of the stretch within the owner."""
    state: dict[str, Tensor]
    """AdamW's state of the owner: moments of its size, and its count of steps; empty before the
    first one."""

    def tensors(self) -> dict[str, Tensor]:
        """The weight and the moments of this stretch, each a view of size (n,)."""
        stretch = slice(self.offset, self.offset + len(self.weight))
        return {WEIGHT: self.weight} | {k: self.state[k].view(-1)[stretch] for k in self._moments}

    def place(self) -> dict[str, Any]:
        """Where the stretch lies, and what the optimiser keeps of it, as JSON values."""
        counts = {k: float(v) for k, v in self.state.items() if k not in self._moments}
        return {"start": self.start, "moments": self._moments, "counts": counts}

    def make_state(self, place: Mapping[str, Any]) -> None:
        """Give the owner the state that a `place` tells of, its moments still to be filled."""
        for key in place.get("moments", ()):
            self.state.setdefault(key, torch.zeros_like(self.owner, requires_grad=False))
        for key, count in place.get("counts", {}).items():
            self.state[key] = torch.tensor(count, dtype=torch.float32)

    @property
    def _moments(self) -> list[str]:
        return [k for k, v in self.state.items() if k != "step" and v.shape == self.owner.shape]


def parts(engine: deepspeed.DeepSpeedEngine) -> Iterator[Part]:
    """What this process holds, in the model's order: a stretch of some parameters under ZeRO, else
    all of all of them."""
    for name, parameter in engine.module.named_parameters():
        if not is_shared_out(engine):
            state = engine.optimizer.state[parameter]
            yield Part(name, 0, parameter.data.view(-1), parameter, 0, state)
        elif parameter._hp_mapping is not None:
            yield _of_zero(engine, name, parameter)


def is_shared_out(engine: deepspeed.DeepSpeedEngine) -> bool:
    """Whether each process holds a share of the state; else each holds all of it."""
    return engine.zero_optimization_stage() > 0


def publish(engine: deepspeed.DeepSpeedEngine) -> None:
    """Give the models of all processes the weights that each wrote to its parts."""
    if is_shared_out(engine):
        engine.optimizer.update_lp_params()


def _of_zero(engine: deepspeed.DeepSpeedEngine, name: str, parameter: nn.Parameter) -> Part:
    mapping, zero = parameter._hp_mapping, engine.optimizer
    owner = zero.single_partition_of_fp32_groups[mapping.param_group_index]
    return Part(
        name,
        mapping.lp_fragment_address.start,
        mapping.hp_fragment.data,
        owner,
        mapping.hp_fragment_address.start,
        zero.optimizer.state[owner],
    )
