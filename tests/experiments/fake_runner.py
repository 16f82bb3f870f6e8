"""Stands in for `unify.runs.runner`: says something, waits, fails where told, finishes.

FAKE_SECONDS, FAKE_FAIL and FAKE_KILL (labels, separated by commas) say how.
"""

import logging
import os
import signal
import sys
import time
from types import ModuleType

from experiments import job, submitted
from unify import interruption
from unify.attempts import Claim
from unify.config import RunConfig
from unify.records import RunDirectory

METRICS = {"R@1": 40.0, "R@5": 60.0, "R@10": 70.0, "MedR": 2.0, "MeanR": 9.0}


def run(directory: RunDirectory, claim: Claim | None = None) -> None:
    label, config = directory.meta()["label"], directory.config()
    for name, parent in directory.parents().items():
        assert RunDirectory(parent).is_finished(), f"{name} warm start is missing"
    logging.getLogger("fake").info("training %s with %s", label, os.environ.get("OMP_NUM_THREADS"))
    directory.progress(1, 2, "training", loss=0.5, steps_per_second=10.0)
    _spend(float(os.environ.get("FAKE_SECONDS", "0")))
    if label in os.environ.get("FAKE_KILL", "").split(","):
        os.kill(os.getpid(), signal.SIGKILL)
    if label in os.environ.get("FAKE_FAIL", "").split(","):
        raise ValueError(f"the loss of {label} is NaN")
    directory.model_path.write_bytes(b"weights")
    rows = _rows(config) if isinstance(config, RunConfig) else []
    directory.finish({**directory.meta(), "seed": config.seed, "metrics": rows})


def _spend(seconds: float) -> None:
    end = time.time() + seconds
    while time.time() < end:
        interruption.check()
        time.sleep(0.05)


def _rows(config: RunConfig) -> list[dict]:
    place = {"corpus": "msrvtt", "split": "test_1ka", "queries": 40}
    return [
        {**place, "direction": direction, "representation": name, "metric": metric, "value": value}
        for direction in ("t2v", "v2t")
        for name in ("latent", "lexicon", "fused")
        for metric, value in METRICS.items()
    ]


def install() -> None:
    """Let this process use the stand-in."""
    module = ModuleType("unify.runs.runner")
    module.run = run
    sys.modules[module.__name__] = module


def execute_logged(path: str) -> None:
    """What jobs call instead of `experiments.job.execute_logged`."""
    install()
    job.execute_logged(path)


def execute_copied(path: str) -> None:
    """What the debug executor calls."""
    install()
    job.execute_copied(path)


def execute_submitted(path: str, requeues: str) -> None:
    """What tasks of SLURM jobs call."""
    install()
    submitted.execute_submitted(path, requeues)


def main() -> int:
    """`sweep.py` with the stand-in."""
    import fake_runner  # by its own name, not __main__: jobs import it

    from experiments import cluster, launch, sweep

    launch.FUNCTIONS = {
        "debug": fake_runner.execute_copied,
        "local": fake_runner.execute_logged,
    }
    cluster.FUNCTION = fake_runner.execute_submitted
    return sweep.main()


if __name__ == "__main__":
    sys.exit(main())
