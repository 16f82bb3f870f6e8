"""`experiments/run.py` in a changed world: python changed_run.py ARGUMENTS OF run.py

FAULT_CLOCK names a file with the seconds that the clock is set forward; it may change at any time.
FAULT_NAN_STEP is a step whose batch holds one NaN.
"""

import os
import sys
import time
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parents[2])


def set_clock(file: Path) -> None:
    """Let `time.time` follow the file."""
    true_time = time.time
    time.time = lambda: true_time() + float(file.read_text())


def poison(step: int) -> None:
    """Put a NaN into the first clip of a step's batch."""
    from unify.data.loader import TrainStream

    read = TrainStream.batch

    def batch(stream: TrainStream, at: int) -> object:
        made = read(stream, at)
        if at == step:
            made.video[0, 0, 0, 0, 0] = float("nan")
        return made

    TrainStream.batch = batch


if __name__ == "__main__":
    if "FAULT_CLOCK" in os.environ:
        set_clock(Path(os.environ["FAULT_CLOCK"]))
    if "FAULT_NAN_STEP" in os.environ:
        poison(int(os.environ["FAULT_NAN_STEP"]))
    from experiments import run

    sys.exit(run.main())
