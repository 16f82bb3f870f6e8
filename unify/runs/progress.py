"""How far a phase outside the training is; where it can be ended."""

import math
import time

from unify.records import RunDirectory
from unify.training.report import PROGRESS_SECONDS
from unify.training.watch import Watch


class Progress:
    """Called with what is done and how much there is: says so now and then in `progress.json`."""

    def __init__(self, directory: RunDirectory, phase: str, watch: Watch) -> None:
        self._directory = directory
        self._phase = phase
        self._watch = watch
        self._said = -math.inf

    def __call__(self, done: int, planned: int) -> None:
        """Raises Interrupted or ClaimLost where the run is to stop."""
        self._watch.check()
        now = time.monotonic()
        if done == planned or now - self._said >= PROGRESS_SECONDS:
            self._said = now
            self._directory.progress(done, planned, self._phase)
