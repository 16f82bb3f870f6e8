"""The training loop."""

import math
from collections.abc import Callable
from contextlib import closing
from typing import Any

import deepspeed
import torch
from torch import Tensor

from unify.config import EngineConfig
from unify.interruption import Interrupted
from unify.records import RunDirectory
from unify.training import checkpoint
from unify.training.distributed import rank, world_size
from unify.training.engine import forget_grounded, set_learning_rate
from unify.training.report import Reporter
from unify.training.task import Task
from unify.training.watch import Watch


class TrainingError(RuntimeError):
    """A run that cannot go on; the message is one line."""


def train(
    engine: deepspeed.DeepSpeedEngine,
    task: Task,
    directory: RunDirectory,
    config: EngineConfig,
    watch: Watch,
    after_step: Callable[[int], None] = lambda done: None,
) -> None:
    """Train to the end, from the newest whole checkpoint where there is one.

    `after_step` is called in every process with the number of steps done, and again where a
    training is resumed: so it may leave undone what it is told to stop at.

    Raises:
        Interrupted: in all processes, once they have saved the step at which any was asked to stop.
        ClaimLost: in all processes, and nothing is saved.
        TrainingError: if the loss is not finite; names step, terms and files.
    """
    start = checkpoint.load_newest(engine, directory.checkpoints)
    if start:
        after_step(start)
    watch.meet()
    with closing(Reporter(directory, task, config.log_every, start)) as reporter:
        for step, batch in enumerate(task.batches(start), start):
            if step in (start, task.grounding_steps):
                _enter_stage(engine, task, step)
            report = _step(engine, task, step, batch)
            done = step + 1
            if not watch.lost:
                reporter.step(step, report, task.learning_rate(step))
                after_step(done)
            reason = watch.agreed()
            if reason or done % config.checkpoint_every == 0 or done == task.steps:
                checkpoint.save(engine, directory.checkpoints, done)
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
    _check(step, report, task.files(batch))
    engine.backward(loss)
    engine.step()
    return report


def _enter_stage(engine: deepspeed.DeepSpeedEngine, task: Task, step: int) -> None:
    task.begin_stage(1 if step < task.grounding_steps else 2)
    if step and step == task.grounding_steps:
        forget_grounded(engine)


def _check(step: int, report: dict[str, Tensor], files: tuple[str, ...]) -> None:
    if math.isfinite(report["loss"]):
        return
    terms = ", ".join(f"{name} {float(value):g}" for name, value in report.items())
    raise TrainingError(
        f"the loss of step {step} is not finite ({terms}); its batch holds {', '.join(files)}; "
        "look at these files, or lower plan.learning_rate"
    )
