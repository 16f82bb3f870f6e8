"""Whether a run goes on: all of its processes stop at the same place, or none."""

import logging
import signal
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import torch

from unify import interruption
from unify.attempts import Claim, ClaimLost
from unify.interruption import Interrupted
from unify.training.distributed import largest, rank

Result = TypeVar("Result")

logger = logging.getLogger(__name__)

LOST = 256
"""Says that the claim is lost, where a signal's number says that the run is to stop: the greatest
number that any process has is what all of them do."""


@dataclass(frozen=True)
class Watch:
    """Looks for reasons to stop; what is agreed upon is called by all processes together."""

    device: torch.device
    """What the processes exchange tensors on."""
    claim: Claim | None = None
    """Rank 0 has it; None in other processes, and where nobody else can want the run."""

    @property
    def lost(self) -> bool:
        """Whether this process knows that somebody else has the run: it must not write."""
        return self.claim is not None and self.claim.lost

    def keep(self) -> None:
        """Raise ClaimLost where somebody else has the run."""
        if self.claim is not None:
            self.claim.check()

    def tell(self, warning: str) -> None:
        """Log what a person should know of this life of the run, and keep it with the attempt."""
        logger.warning(warning)
        if self.claim is not None:
            self.claim.tell(warning)

    def check(self) -> None:
        """Raise ClaimLost or Interrupted where this process has reason to stop."""
        self.keep()
        interruption.check()

    def agreed(self) -> signal.Signals | None:
        """The signal by which any process was asked to stop, or None.

        Raises ClaimLost in all processes where the claim is lost.
        """
        return self._together(LOST if self.lost else interruption.asked() or 0)

    def meet(self) -> None:
        """Wait for all processes; raise Interrupted in all where any was asked to stop."""
        if reason := self.agreed():
            raise Interrupted(reason)

    def each(self, work: Callable[[], Result]) -> Result:
        """Each process's own work, which `check` may end; then they wait for each other.

        Where it was ended in any process, all raise the same; a signal that came too late to end
        it is left for later.
        """
        try:
            result, reason = work(), 0
        except ClaimLost:
            result, reason = None, LOST
        except Interrupted as interrupted:
            result, reason = None, interrupted.signal
        if reason := self._together(reason):
            raise Interrupted(reason)
        return result

    def first(self, work: Callable[[], object]) -> None:
        """As `each`, with work for rank 0 alone."""
        self.each(lambda: work() if rank() == 0 else None)

    def _together(self, reason: int) -> signal.Signals | None:
        reason = largest(reason, self.device)
        if reason == LOST:
            raise ClaimLost("another process has taken the run over")
        return signal.Signals(reason) if reason else None
