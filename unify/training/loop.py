"""The training loop."""

import logging
import math
from collections.abc import Callable, Mapping
from contextlib import closing
from itertools import chain
from typing import Any

import deepspeed
import torch
from torch import Tensor

from unify.config import EngineConfig
from unify.interruption import Interrupted
from unify.records import RunDirectory
from unify.training import checkpoint
from unify.training.distributed import everyone, rank, world_size
from unify.training.engine import forget_grounded, set_learning_rate, take_step
from unify.training.report import Reporter
from unify.training.task import Task
from unify.training.timer import Timer
from unify.training.watch import Watch

Scores = Mapping[str, float]
"""By name, of the weights on validation clips; empty where there are none."""
NAMED = 3
"""Files that an error names."""

logger = logging.getLogger(__name__)


class TrainingError(RuntimeError):
    """A run that cannot go on; the message is one line."""


def train(
    engine: deepspeed.DeepSpeedEngine,
    task: Task,
    directory: RunDirectory,
    config: EngineConfig,
    watch: Watch,
    timer: Timer,
    after_step: Callable[[int], Scores] = lambda done: {},
) -> None:
    """Train to the end, from the newest whole checkpoint where there is one.

    `after_step` is called in every process with the number of steps done, from the start's on: so
    what it leaves undone when it is told to stop it finds again. Rank 0 shows what it returns.

    Raises:
        Interrupted: in all processes, once they have saved the step at which any was asked to stop.
        ClaimLost: in all processes, and nothing is saved.
        TrainingError: in all processes, if the loss or its gradient is not finite: names step,
            terms and files.
        OSError: if metrics or a checkpoint cannot be written; PeerFailed where another process's.
    """
    start, notes = checkpoint.load_newest(engine, directory.checkpoints, watch.tell)
    task.restore(notes)
    scores = after_step(start)
    watch.meet()
    with closing(Reporter(directory, task, config.log_every, start)) as reporter:
        reporter.scores(start, scores)
        for step, batch in enumerate(task.batches(start), start):
            if step in (start, task.grounding_steps):
                _enter_stage(engine, task, step)
            report = _step(engine, task, step, batch)
            done = step + 1
            if not watch.lost:
                reporter.step(step, report, task.learning_rate(step))
                reporter.scores(done, after_step(done))
            reason = watch.agreed()
            if reason or done % config.checkpoint_every == 0 or done == task.steps:
                with timer("checkpoints"):
                    reporter.sync()
                    checkpoint.save(engine, directory.checkpoints, done, task.notes())
            if reason:
                raise Interrupted(reason)


def _step(
    engine: deepspeed.DeepSpeedEngine, task: Task, step: int, batch: Any
) -> dict[str, Tensor]:
    """One optimiser step; what the objective reports of it."""
    grounding = step < task.grounding_steps
    set_learning_rate(engine, task.learning_rate(step), grounding=grounding)
    torch.manual_seed((task.seed * 2**20 + step) * world_size() + rank())
    loss, report = engine(batch, step)
    norm = take_step(engine, loss)
    if not (math.isfinite(report["loss"]) and math.isfinite(norm)):
        raise TrainingError(_not_finite(step, report, norm, _files(task, batch)))
    return report


def _enter_stage(engine: deepspeed.DeepSpeedEngine, task: Task, step: int) -> None:
    task.begin_stage(1 if step < task.grounding_steps else 2)
    if step and step == task.grounding_steps:
        forget_grounded(engine)


def _not_finite(step: int, report: dict[str, Tensor], norm: float, files: list[str]) -> str:
    terms = ", ".join(f"{name} {float(value):g}" for name, value in report.items())
    what = "gradient" if math.isfinite(report["loss"]) else "loss"
    more = f" and {len(files) - NAMED} more (see the log)" if len(files) > NAMED else ""
    return (
        f"the {what} of step {step} is not finite ({terms}, gradient norm {norm:g}); its batch "
        f"holds {', '.join(files[:NAMED])}{more}; look at these files, or lower plan.learning_rate"
    )


def _files(task: Task, batch: Any) -> list[str]:
    """Where the batch of all processes came from."""
    files = list(dict.fromkeys(chain.from_iterable(everyone(task.files(batch)))))
    logger.error("a batch that led to numbers that are not finite: %s", ", ".join(files))
    return files
