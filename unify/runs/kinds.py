"""What the two kinds of run do once processes have joined."""

from pathlib import Path

import torch

from unify.config import EngineConfig, PlanConfig, RunConfig, WarmStartConfig
from unify.evaluation.evaluate import evaluate_model
from unify.records import RunDirectory
from unify.runs.timer import Timer
from unify.systems.weights import write_weights
from unify.training.distributed import rank, total
from unify.training.engine import make_engine
from unify.training.loop import train
from unify.training.report import show_evaluation
from unify.training.task import Task
from unify.training.unify_task import make_task
from unify.training.warm_start import make_warm_start


def train_unify(
    directory: RunDirectory, config: RunConfig, device: torch.device, timer: Timer
) -> dict:
    """Train UNIFY, keep its weights, evaluate it; return its part of the result (on rank 0)."""
    parents = {part: Path(path) for part, path in directory.parents().items()}
    task = make_task(config, parents, device)
    with timer("training"):
        _train(directory, task, config.plan, config.engine)
    replaced = int(total(torch.tensor(task.replaced, device=device)))
    if rank() != 0:
        return {}
    model = task.objective.model
    write_weights(model.state_dict(), directory.model_path)
    with timer("evaluation"):
        directory.progress(task.steps, task.steps, "evaluation")
        found = evaluate_model(model, config, config.evaluation.corpora, device)
    show_evaluation(directory, task.steps, found)
    return {
        "steps": task.steps,
        "precision": "fp32" if task.objective.autocast is None else "bf16",
        "examples": {name: len(clips) for name, clips in task.stream.corpora.items()},
        "replaced": replaced,
        **found,
    }


def train_warm_start(
    directory: RunDirectory, config: WarmStartConfig, device: torch.device, timer: Timer
) -> dict:
    """Train a warm start and keep its weights; return its part of the result (on rank 0)."""
    task = make_warm_start(config, device)
    with timer("training"):
        _train(directory, task, task.plan, EngineConfig())
    if rank() != 0:
        return {}
    task.part.save(directory.model_path)
    last = directory.metrics()[-1]
    metrics = [{"metric": name, "value": last[name]} for name in last if name != "step"]
    return {"steps": task.steps, "metrics": metrics}


def _train(directory: RunDirectory, task: Task, plan: PlanConfig, config: EngineConfig) -> None:
    engine = make_engine(task.objective, task.groups, plan, config)
    train(engine, task, directory, config)
    engine.destroy()
