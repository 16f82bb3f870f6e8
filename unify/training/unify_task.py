"""The training of UNIFY, put together from a config."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import nn

from unify.config import DataConfig, FineTuneConfig, RunConfig
from unify.config.corpora import training_split
from unify.config.fine_tuning import tuned_from_scratch
from unify.data.corpora import load_corpus
from unify.data.example import Example
from unify.data.loader import Batch, TrainStream
from unify.data.tokens import used_entries
from unify.systems.unify import Unify
from unify.training.blocks import prepare_blocks
from unify.training.distributed import rank, world_size
from unify.training.groups import parameter_groups
from unify.training.initial import load_start
from unify.training.objective import UnifyObjective
from unify.training.plan import Plan

Corpora = dict[str, list[Example]]
"""Training examples by corpus."""
Training = RunConfig | FineTuneConfig

log = logging.getLogger(__name__)


@dataclass
class UnifyTask:
    """UNIFY's objective, data and plan, as the loop wants them."""

    config: Training
    objective: UnifyObjective
    plan: Plan
    stream: TrainStream
    device: torch.device
    groups: list[dict] = field(default_factory=list)

    @property
    def replaced(self) -> int:
        """Rows of this process whose clip could not be decoded and was replaced."""
        return self.stream.unreadable.rows

    @property
    def steps(self) -> int:
        """Optimiser steps in all."""
        return self.plan.steps

    @property
    def grounding_steps(self) -> int:
        """Steps of stage 1."""
        return self.plan.grounding_steps

    @property
    def seed(self) -> int:
        """Seed of dropout."""
        return self.config.seed

    def batches(self, start: int) -> Iterator[Batch]:
        """Batches of steps `start` and up, on the device."""
        workers = self.config.data.workers
        for batch in self.stream.iterate(start, self.steps, workers):
            yield batch.to(self.device)

    def learning_rate(self, step: int) -> float:
        """The plan's rate."""
        return self.plan.learning_rate(step)

    def begin_stage(self, stage: int) -> None:
        """Freeze or free what the grounding stage freezes; frozen parts run without dropout."""
        self.objective.train()
        for part in grounded_parts(self.config, self.objective.model):
            part.requires_grad_(stage == 2)
            part.train(stage == 2)

    def phase(self, step: int) -> str:
        """`training stage 1` or `2`, or `training` where there is one stage only."""
        if not self.grounding_steps:
            return "training"
        return f"training stage {self.plan.stage(step)}"

    def files(self, batch: Batch) -> tuple[str, ...]:
        """Paths of a batch's clips."""
        return batch.paths

    def notes(self) -> dict[str, Any]:
        """Which clips were unreadable, as far as this process has seen."""
        return self.stream.unreadable.record()

    def restore(self, notes: list[dict[str, Any]]) -> None:
        """Count them from there on."""
        for note in notes:
            self.stream.unreadable.add_record(note)


def make_task(config: RunConfig, parents: dict[str, Path], device: torch.device) -> UnifyTask:
    """Read the corpora, build the model, load its start."""
    if unprepared := tuned_from_scratch(config):
        log.warning("trains on %s without any pre-training", ", ".join(unprepared))
    corpora = training_sets(config.data)
    entries = kept_entries(config, corpora)
    torch.manual_seed(config.seed)
    model = Unify(config.model, entries)
    load_start(model, config.init, parents)
    return assemble(config, model, corpora, entries, device)


def training_sets(config: DataConfig) -> Corpora:
    """The training examples of each corpus, by the name that the config gives it."""
    return {name: load_corpus(*training_split(name), Path(config.root)) for name in config.corpora}


def assemble(
    config: Training,
    model: Unify,
    corpora: Corpora,
    entries: list[int] | None,
    device: torch.device,
) -> UnifyTask:
    """A model whose weights are loaded, with objective, data and plan.

    Args:
        config: the training.
        model: to train.
        corpora: what it is trained on.
        entries: BERT ids that MLM's random words are drawn from; None for all.
        device: where to.
    """
    prepare_blocks(model, config.engine)
    plan = Plan(config.plan, config.objective, _epoch_steps(config, corpora))
    objective = UnifyObjective(model, config.objective, plan, autocast_type(config, device))
    groups = parameter_groups(
        objective,
        grounded=[p for part in grounded_parts(config, model) for p in part.parameters()],
        heads=model.head_parameters(),
        head_scale=config.plan.head_scale,
        weight_decay=config.plan.weight_decay,
    )
    stream = _stream(config, corpora, entries)
    return UnifyTask(config, objective.to(device), plan, stream, device, groups)


def grounded_parts(config: Training, model: Unify) -> list[nn.Module]:
    """What stage 1 freezes under this config."""
    return list(
        model.grounded_parts(
            latent_text_blocks=config.plan.freeze_latent_text_blocks,
            lexicon_head=config.plan.freeze_lexicon_head,
        )
    )


def kept_entries(config: RunConfig, corpora: Corpora) -> list[int] | None:
    """BERT ids of the word pieces in the training captions, or None for all."""
    if config.model.lexicon.entries == "all":
        return None
    return used_entries(c for examples in corpora.values() for e in examples for c in e.captions)


def autocast_type(config: Training, device: torch.device) -> torch.dtype | None:
    """The type that matrix products run in; None for float32 throughout."""
    on_cuda = device.type == "cuda"
    wanted = {"auto": on_cuda, "bf16": True, "fp32": False}[config.engine.precision]
    return torch.bfloat16 if wanted else None


def _epoch_steps(config: Training, corpora: Corpora) -> int:
    if config.plan.epoch_steps is not None:
        return config.plan.epoch_steps
    longest = max(len(examples) for examples in corpora.values())
    return max(1, longest // config.plan.batch_size) * len(corpora)


def _stream(config: Training, corpora: Corpora, entries: list[int] | None) -> TrainStream:
    data = config.data
    return TrainStream(
        corpora,
        num_frames=data.num_frames,
        image_size=data.image_size,
        crop_scale=data.crop_scale,
        flip=data.flip,
        mean=data.mean,
        std=data.std,
        max_tokens=data.max_tokens,
        mlm_ratio=config.objective.mlm_ratio,
        batch_size=config.plan.batch_size,
        seed=config.seed,
        vocab_ids=entries,
        max_unreadable_share=data.max_unreadable_share,
        decoder=data.decoder,
        rank=rank(),
        world_size=world_size(),
    )
