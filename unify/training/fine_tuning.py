"""Fine-tuning: a finished run trained further, and the clips that choose its best weights."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from unify.config import FineTuneConfig
from unify.data.corpora import load_corpus
from unify.data.example import Example
from unify.records import RunDirectory
from unify.systems.trained import load_model
from unify.training.unify_task import Corpora, UnifyTask, assemble, training_sets


def make_fine_tuning(
    config: FineTuneConfig, parents: dict[str, Path], device: torch.device
) -> tuple[UnifyTask, list[Example]]:
    """The training, and its validation clips, each with one caption.

    Raises ValueError where a corpus cannot be used, or has too few clips to hold some out.
    """
    corpora, chosen = _apart(config, training_sets(config.data))
    model = load_model(RunDirectory(parents["pretrained"]))
    entries = None
    if config.model.lexicon.entries == "used":
        entries = model.vocabulary.ids.tolist()
    task = assemble(config, model, corpora, entries, device)
    return task, [replace(clip, captions=clip.captions[:1]) for clip in chosen]


def _apart(config: FineTuneConfig, corpora: Corpora) -> tuple[Corpora, list[Example]]:
    """What is trained on, and what is validated on."""
    if config.validation.place is None:
        (name, examples), *_ = corpora.items()
        kept, held = hold_out(name, examples, config.validation.clips, config.seed)
        return {**corpora, name: kept}, held
    corpus, _, split = config.validation.place.partition("/")
    clips = load_corpus(corpus, split, Path(config.data.root), incomplete=True)
    count = min(config.validation.clips, len(clips))
    return corpora, [clips[k * len(clips) // count] for k in range(count)]


def hold_out(
    name: str, examples: list[Example], count: int, seed: int
) -> tuple[list[Example], list[Example]]:
    """All but `count` examples, and these, chosen by lot; both in the order of the corpus.

    Raises ValueError where nothing would be left.
    """
    if count >= len(examples):
        raise ValueError(
            f"{name} has {len(examples)} training clips, too few to hold {count} out for "
            "validation; lower tuning.held_out"
        )
    held = set(np.random.default_rng((seed, count)).permutation(len(examples))[:count].tolist())
    kept = [example for k, example in enumerate(examples) if k not in held]
    return kept, [examples[k] for k in sorted(held)]
