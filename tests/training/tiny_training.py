"""A tiny UNIFY training whose batches come from a seed: in DeepSpeed's processes, or plain."""

import os
import signal
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import torch
from tiny import ENTRIES, captions, clips, model_config, randomise
from torch import Tensor

from unify.config import EngineConfig, ObjectiveConfig, PlanConfig, RunConfig
from unify.data.loader import Batch
from unify.data.tokens import IGNORED, chosen_words, token_places
from unify.data.unreadable import Unreadable
from unify.systems.unify import Unify
from unify.systems.weights import write_weights
from unify.training.distributed import rank, world_size
from unify.training.groups import parameter_groups
from unify.training.objective import UnifyObjective
from unify.training.plan import Plan
from unify.training.unify_task import UnifyTask, grounded_parts

STEPS, GROUNDING, BATCH = 8, 4, 8
"""Steps in all, steps of stage 1, pairs per step over all processes."""


class Stopped(Exception):
    """Stands for whatever ends a process between two steps."""


def run_config(seed: int, *, dropout: float = 0.0, zero: int = 2, every: int = 2) -> RunConfig:
    """One epoch a step; clipping is active, rates and FLOPs are high enough to matter."""
    return RunConfig(
        seed=seed,
        model=model_config(text={"dropout": dropout}, lexicon={"video_adapter": "linear"}),
        objective=ObjectiveConfig(flops_weight=0.01),
        plan=PlanConfig(
            epochs=STEPS,
            epoch_steps=1,
            grounding_epochs=GROUNDING,
            batch_size=BATCH,
            learning_rate=1e-3,
            head_scale=3.0,
            warmup_epochs=2,
        ),
        engine=EngineConfig(zero_stage=zero, checkpoint_every=every, log_every=1),
    )


def batch(seed: int, step: int) -> Batch:
    """The whole batch of a step; masked words lie in its first half only in every other step."""
    torch.manual_seed((seed + 1) * 1000 + step)
    ids, mask = captions(BATCH)
    chosen = mask & (ids > 200) & (torch.rand(ids.shape) < 0.4)
    chosen[0, 1] = True
    if step % 2:
        chosen[BATCH // 2 :] = False
    return Batch(
        step=step,
        corpus="webvid2m",
        video=clips(BATCH),
        ids=ids,
        mask=mask,
        places=token_places(mask),
        masked_ids=torch.where(chosen, 103, ids),
        **masked(chosen, ids),
        keys=tuple(f"clip{k}" for k in range(BATCH)),
        paths=tuple(f"step{step}-clip{k}.mp4" for k in range(BATCH)),
    )


def masked(chosen: Tensor, ids: Tensor) -> dict[str, Tensor]:
    """The parts of a batch that say which words are to be guessed."""
    places, words = chosen_words(torch.where(chosen, ids, IGNORED))
    return {"mlm_places": places, "mlm_words": words}


def share(whole: Batch) -> Batch:
    """This process's contiguous rows."""
    rows = BATCH // world_size()
    own = slice(rank() * rows, (rank() + 1) * rows)
    names = ("video", "ids", "mask", "masked_ids", "keys", "paths")
    chosen = torch.zeros_like(whole.mask).flatten()
    chosen[whole.mlm_places] = True
    words = masked(chosen.view_as(whole.mask)[own], whole.ids[own])
    rows = {name: getattr(whole, name)[own] for name in names}
    return replace(whole, **words, **rows, places=token_places(rows["mask"]))


@dataclass
class Stream:
    """Batches by seed and step, each with one row replaced; ends early or spoils one batch where
    asked to.

    `signals` are triples: at this step, this process sends itself this signal.
    """

    seed: int
    stop: int | None = None
    spoil: int | None = None
    signals: Sequence[tuple[int, int, str]] = ()
    at: dict[int, Callable[[], object]] = field(default_factory=dict)
    """What else is to happen, by step."""
    unreadable: Unreadable = field(default_factory=lambda: Unreadable({}, 0.0))

    def iterate(self, start: int, stop: int, workers: int) -> Iterator[Batch]:
        """As `TrainStream.iterate`."""
        for step in range(start, stop):
            if step == self.stop:
                raise Stopped(f"before step {step}")
            made = batch(self.seed, step)
            if step == self.spoil:
                made.video[BATCH - 1, 0, 0, 0, 0] = float("nan")
            for when, who, name in self.signals:
                if (when, who) == (step, rank()):
                    os.kill(os.getpid(), signal.Signals[name])
            self.at.get(step, lambda: None)()
            self.unreadable.add("webvid2m", 1, ())
            yield share(made)


class TinyTask(UnifyTask):
    """UNIFY's task that also keeps the weights at the start of each stage."""

    folder: Path

    def begin_stage(self, stage: int) -> None:
        """Write `stage-<stage>.safetensors`, then as always."""
        save(self.objective, self.folder / f"stage-{stage}.safetensors")
        super().begin_stage(stage)


def save(objective: UnifyObjective, path: Path) -> None:
    """Write the model's weights, from the first process."""
    if rank() == 0:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_weights(objective.model.state_dict(), path)


def make_objective(config: RunConfig) -> UnifyObjective:
    """A model of random weights from the seed, its losses and plan."""
    torch.manual_seed(config.seed)
    model = Unify(config.model, ENTRIES)
    randomise(model)
    plan = Plan(config.plan, config.objective, config.plan.epoch_steps)
    return UnifyObjective(model, config.objective, plan, None)


def make_task(config: RunConfig, stream: Stream, folder: Path) -> TinyTask:
    """As `unify_task.make_task`, without corpora."""
    objective = make_objective(config)
    groups = parameter_groups(
        objective,
        grounded=[p for part in frozen_parts(config, objective) for p in part.parameters()],
        heads=objective.model.head_parameters(),
        head_scale=config.plan.head_scale,
        weight_decay=config.plan.weight_decay,
    )
    device = torch.device("cpu")
    task = TinyTask(config, objective, objective.plan, stream, device, groups)
    task.folder = folder
    return task


def frozen_parts(config: RunConfig, objective: UnifyObjective) -> list[torch.nn.Module]:
    """What stage 1 freezes."""
    return grounded_parts(config, objective.model)
