"""What each kind of run does once processes have joined."""

from collections.abc import Callable
from pathlib import Path

import torch

from unify.config import (
    EngineConfig,
    FineTuneConfig,
    FusionConfig,
    PlanConfig,
    RunConfig,
    WarmStartConfig,
)
from unify.data.corpora import load_split
from unify.evaluation.evaluate import evaluate
from unify.evaluation.previews import write_previews
from unify.evaluation.retriever import Retriever, of_model, of_run
from unify.files import write_json
from unify.records import RunDirectory
from unify.runs.timer import Timer
from unify.runs.validation import Validation
from unify.systems.weights import read_weights, write_weights
from unify.training.distributed import rank, total
from unify.training.engine import make_engine
from unify.training.fine_tuning import make_fine_tuning
from unify.training.loop import train
from unify.training.report import show_evaluation
from unify.training.task import Task
from unify.training.unify_task import UnifyTask, make_task
from unify.training.warm_start import make_warm_start


def train_unify(
    directory: RunDirectory, config: RunConfig, device: torch.device, timer: Timer
) -> dict:
    """Train UNIFY, keep its weights, evaluate it; return its part of the result (on rank 0)."""
    parents = {part: Path(path) for part, path in directory.parents().items()}
    _find_test_sets(config)
    task = make_task(config, parents, device)
    with timer("training"):
        _train(directory, task, config.plan, config.engine)
    replaced = int(total(torch.tensor(task.replaced, device=device)))
    return {} if rank() != 0 else _trained(directory, task, timer) | {"replaced": replaced}


def fine_tune(
    directory: RunDirectory, config: FineTuneConfig, device: torch.device, timer: Timer
) -> dict:
    """Train a finished run further, keep and evaluate the weights that validate best; return its
    part of the result (on rank 0)."""
    _find_test_sets(config)
    task, clips = make_fine_tuning(config, directory.parents(), device)
    validation = Validation(directory, task, clips)
    with timer("training"):
        validation.begin()
        _train(directory, task, config.plan, config.engine, validation.after_step)
    replaced = int(total(torch.tensor(task.replaced, device=device)))
    if rank() != 0:
        return {}
    task.objective.model.load_state_dict(read_weights(directory.best_path)[0])
    result = _trained(directory, task, timer)
    return result | {"replaced": replaced, "validation": validation.record}


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


def fuse(directory: RunDirectory, config: FusionConfig, device: torch.device, timer: Timer) -> dict:
    """Evaluate two finished trainings together; return its part of the result (on rank 0)."""
    if rank() != 0:
        return {}
    return _evaluate(directory, of_run(directory, device), 0, timer)


KINDS = {
    RunConfig: train_unify,
    WarmStartConfig: train_warm_start,
    FineTuneConfig: fine_tune,
    FusionConfig: fuse,
}


def _find_test_sets(config: RunConfig | FineTuneConfig) -> None:
    """ValueError, before anything is trained, for a test set that could not be evaluated after."""
    for place in config.evaluation.corpora:
        corpus, _, split = place.partition("/")
        root = Path(config.data.root)
        load_split(corpus, split, root, incomplete=config.evaluation.incomplete)


def _trained(directory: RunDirectory, task: UnifyTask, timer: Timer) -> dict:
    """Keep the weights, evaluate them, and say what they were trained on."""
    model = task.objective.model
    write_weights(model.state_dict(), directory.model_path)
    found = _evaluate(directory, of_model(model, task.config, task.device), task.steps, timer)
    return {
        "steps": task.steps,
        "precision": "fp32" if task.objective.autocast is None else "bf16",
        "examples": {name: len(clips) for name, clips in task.stream.corpora.items()},
        **found,
    }


def _evaluate(directory: RunDirectory, retriever: Retriever, step: int, timer: Timer) -> dict:
    """Metrics and lexicon for the result; samples and previews beside it."""
    with timer("evaluation"):
        directory.progress(step, step, "evaluation")
        found, samples = evaluate(retriever)
        if samples is not None:
            write_previews(samples.clips, directory.previews, retriever.data.decoder)
            write_json(directory.samples_path, samples.record)
    show_evaluation(directory, step, found)
    return found


def _train(
    directory: RunDirectory,
    task: Task,
    plan: PlanConfig,
    config: EngineConfig,
    after_step: Callable[[int], None] = lambda done: None,
) -> None:
    engine = make_engine(task.objective, task.groups, plan, config)
    train(engine, task, directory, config, after_step)
    engine.destroy()
