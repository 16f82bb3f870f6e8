"""What each kind of run does once processes have joined."""

from collections.abc import Callable
from pathlib import Path

import torch

from unify.checksum import Checksum
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
from unify.runs.progress import Progress
from unify.runs.validation import Validation
from unify.systems.weights import read_facts, read_weights, write_weights
from unify.training.distributed import everyone, total
from unify.training.engine import make_engine
from unify.training.fine_tuning import make_fine_tuning
from unify.training.loop import Scores, train
from unify.training.report import show_evaluation
from unify.training.task import Task
from unify.training.timer import Timer
from unify.training.unify_task import UnifyTask, make_task
from unify.training.warm_start import make_warm_start
from unify.training.watch import Watch

Conclude = Callable[[], dict]
"""What rank 0 does when the training is over, alone; returns the kind's part of the result."""


def train_unify(directory: RunDirectory, config: RunConfig, watch: Watch, timer: Timer) -> Conclude:
    """Train UNIFY, keep its weights, evaluate it."""
    parents = {part: Path(path) for part, path in directory.parents().items()}
    _find_test_sets(config)
    task = make_task(config, parents, watch.device)
    if _has_lost_its_result(directory):
        return lambda: _evaluated_again(directory, task, timer, watch)
    _train(directory, task, config.plan, config.engine, watch, timer)
    replaced = _replaced(task)
    return lambda: _trained(directory, task, replaced, timer, watch)


def fine_tune(
    directory: RunDirectory, config: FineTuneConfig, watch: Watch, timer: Timer
) -> Conclude:
    """Train a finished run further, keep and evaluate the weights that validate best."""
    _find_test_sets(config)
    task, clips = make_fine_tuning(config, directory.parents(), watch.device)
    validation = Validation(directory, task, clips, watch)
    if _has_lost_its_result(directory):
        told = {"validation": validation.record}
        return lambda: _evaluated_again(directory, task, timer, watch) | told
    watch.first(validation.verify)
    validation.begin()
    _train(directory, task, config.plan, config.engine, watch, timer, validation.after_step)
    replaced = _replaced(task)

    def conclude() -> dict:
        task.objective.model.load_state_dict(validation.best_weights())
        result = _trained(directory, task, replaced, timer, watch)
        return result | {"validation": validation.record}

    return conclude


def train_warm_start(
    directory: RunDirectory, config: WarmStartConfig, watch: Watch, timer: Timer
) -> Conclude:
    """Train a warm start and keep its weights."""
    task = make_warm_start(config, watch.device)
    trained = _has_lost_its_result(directory)
    if not trained:
        _train(directory, task, task.plan, EngineConfig(), watch, timer)

    def conclude() -> dict:
        watch.keep()
        path = directory.model_path
        weights = Checksum.of(path.read_bytes()) if trained else task.part.save(path)
        last = directory.metrics_log.rows()[-1]
        metrics = [{"metric": name, "value": last[name]} for name in last if name != "step"]
        return {"steps": task.steps, "metrics": metrics, **_kept(directory, weights)}

    return conclude


def fuse(directory: RunDirectory, config: FusionConfig, watch: Watch, timer: Timer) -> Conclude:
    """Evaluate two finished trainings together."""
    return lambda: _evaluate(directory, of_run(directory, watch.device), 0, timer, watch)


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


def _replaced(task: UnifyTask) -> int:
    """Clips that could not be decoded and were replaced, in all processes."""
    return int(total(torch.tensor(task.replaced, device=task.device)))


def _has_lost_its_result(directory: RunDirectory) -> bool:
    """Whether a run was finished but for its result, which somebody deleted: weights are written
    after the training, checkpoints removed after the result."""
    finished = directory.model_path.exists() and not directory.checkpoints.exists()
    return everyone(finished)[0]


def _trained(
    directory: RunDirectory, task: UnifyTask, replaced: int, timer: Timer, watch: Watch
) -> dict:
    """Keep the weights, with what only the training knows, and evaluate them."""
    watch.keep()
    facts = {"replaced": str(replaced)} if replaced else None
    state = task.objective.model.state_dict()
    weights = write_weights(state, directory.model_path, facts=facts)
    found = _evaluated(directory, task, weights, timer, watch)
    return found | {"replaced": replaced}


def _evaluated_again(directory: RunDirectory, task: UnifyTask, timer: Timer, watch: Watch) -> dict:
    """Evaluate the weights that are there."""
    state, _ = read_weights(directory.model_path)
    task.objective.model.load_state_dict(state)
    weights = Checksum.of(directory.model_path.read_bytes())
    replaced = int(read_facts(directory.model_path).get("replaced", 0))
    return _evaluated(directory, task, weights, timer, watch) | {"replaced": replaced}


def _evaluated(
    directory: RunDirectory, task: UnifyTask, weights: Checksum, timer: Timer, watch: Watch
) -> dict:
    """Evaluate the task's model, and say what it was trained on."""
    retriever = of_model(task.objective.model, task.config, task.device)
    found = _evaluate(directory, retriever, task.steps, timer, watch)
    return {
        "steps": task.steps,
        "precision": "fp32" if task.objective.autocast is None else "bf16",
        "examples": {name: len(clips) for name, clips in task.stream.corpora.items()},
        **_kept(directory, weights),
        **found,
    }


def _kept(directory: RunDirectory, weights: Checksum) -> dict[str, dict]:
    """What the result says of the weights, so that damaged ones are noticed."""
    return {"weights": {"file": directory.model_path.name, **weights.record()}}


def _evaluate(
    directory: RunDirectory, retriever: Retriever, step: int, timer: Timer, watch: Watch
) -> dict:
    """Metrics and lexicon for the result; samples and previews beside it."""
    with timer("evaluation"):
        found, samples = evaluate(retriever, progress=Progress(directory, "evaluation", watch))
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
    watch: Watch,
    timer: Timer,
    after_step: Callable[[int], Scores] = lambda done: {},
) -> None:
    with timer("training"):
        engine = make_engine(task.objective, task.groups, plan, config)
        train(engine, task, directory, config, watch, timer, after_step)
        engine.destroy()
