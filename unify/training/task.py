"""What the loop needs to know of a training: UNIFY's or a warm start's."""

from collections.abc import Iterator
from typing import Any, Protocol

from torch import nn


class Task(Protocol):
    """One training, as the loop sees it."""

    objective: nn.Module
    """Called as `objective(batch, step) -> (loss, report)`."""
    groups: list[dict]
    """Parameter groups, see `groups.py`."""
    steps: int
    """Optimiser steps in all."""
    grounding_steps: int
    """Steps of stage 1; 0 where nothing is frozen."""
    seed: int
    """Seed of what is random in the objective (dropout)."""

    def batches(self, start: int) -> Iterator[Any]:
        """The batches of steps `start` and up: a pure function of seed and step."""

    def learning_rate(self, step: int) -> float:
        """The rate of a step, before the groups' scales."""

    def begin_stage(self, stage: int) -> None:
        """Set modes and gradients of modules for stage 1 or 2."""

    def phase(self, step: int) -> str:
        """What a person reads in the progress table."""

    def files(self, batch: Any) -> tuple[str, ...]:
        """Where a batch came from, for error messages."""

    def notes(self) -> Any:
        """What a checkpoint keeps besides weights and optimiser, as JSON values."""

    def restore(self, notes: list[Any]) -> None:
        """Go on from the notes of a checkpoint's processes; of none, one or several."""
