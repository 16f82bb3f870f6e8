"""What turns clips and texts into representations: one trained model, or one per branch."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from unify.config import (
    DataConfig,
    EvaluationConfig,
    FineTuneConfig,
    FusionConfig,
    RunConfig,
)
from unify.data.eval_loader import iterate_clips, iterate_texts
from unify.data.example import Clip, Example
from unify.evaluation.encoding import Encoded, Encoding, encode_clips, encode_texts, ignore
from unify.models.vocabulary import Vocabulary
from unify.records import RunDirectory
from unify.systems.trained import load_model
from unify.systems.unify import BRANCHES, Representations, Unify


@dataclass(frozen=True, eq=False)
class Trained:
    """A model, and the config that says how its inputs are made."""

    model: Unify
    config: RunConfig | FineTuneConfig

    def clips(
        self,
        clips: Sequence[Clip],
        evaluation: EvaluationConfig,
        device: torch.device,
        encoded: Encoding,
    ) -> Representations:
        """Clips through the video stream, in their order."""
        data = self.config.data
        batches = iterate_clips(
            clips,
            evaluation.batch_size,
            num_frames=evaluation.num_frames,
            num_clips=evaluation.num_clips,
            image_size=data.image_size,
            mean=data.mean,
            std=data.std,
            decoder=data.decoder,
            workers=data.workers,
        )
        return encode_clips(self.model, (batch.to(device) for batch in batches), encoded)

    def texts(
        self,
        texts: Sequence[str],
        evaluation: EvaluationConfig,
        device: torch.device,
        encoded: Encoding,
    ) -> Representations:
        """Texts through the text stream, in their order."""
        longest = evaluation.max_tokens or self.config.data.max_tokens
        batches = iterate_texts(texts, evaluation.batch_size, max_tokens=longest)
        moved = (tuple(part.to(device) for part in batch) for batch in batches)
        return encode_texts(self.model, moved, encoded)


@dataclass(frozen=True)
class Retriever:
    """Which model each branch's representations come from."""

    branches: Mapping[str, Trained]
    """"latent" and "lexicon", or one of them."""
    evaluation: EvaluationConfig
    device: torch.device
    encoded: Encoding = ignore
    """Told after every batch, by each model."""

    @property
    def models(self) -> int:
        """How many models each clip and text goes through."""
        return len(set(self.branches.values()))

    @property
    def vocabulary(self) -> Vocabulary | None:
        """The words behind the lexicon's dimensions; None without a lexicon branch."""
        return self.branches["lexicon"].model.vocabulary if "lexicon" in self.branches else None

    @property
    def data(self) -> DataConfig:
        """Where the corpora lie, and how they are read."""
        return next(iter(self.branches.values())).config.data

    def clips(self, clips: Sequence[Clip]) -> Representations:
        """Representations of clips, each model run once."""
        return self._each(
            lambda trained: trained.clips(clips, self.evaluation, self.device, self.encoded)
        )

    def texts(self, texts: Sequence[str]) -> Representations:
        """Representations of texts, each model run once."""
        return self._each(
            lambda trained: trained.texts(texts, self.evaluation, self.device, self.encoded)
        )

    def encode(self, examples: Sequence[Example]) -> Encoded:
        """A test set's representations: all clips, and all captions of all clips."""
        pairs = [(text, clip) for clip, example in enumerate(examples) for text in example.captions]
        texts, owners = zip(*pairs, strict=True)
        clip_of = torch.tensor(owners, device=self.device)
        return Encoded(self.clips(examples), self.texts(texts), clip_of)

    def _each(self, run: Callable[[Trained], Representations]) -> Representations:
        """Each branch's representations, from its own model."""
        made = {trained: run(trained) for trained in dict.fromkeys(self.branches.values())}
        found = {name: getattr(made[model], name) for name, model in self.branches.items()}
        return Representations(**{name: found.get(name) for name in BRANCHES["both"]})


def of_model(model: Unify, config: RunConfig | FineTuneConfig, device: torch.device) -> Retriever:
    """The retriever of one trained model."""
    trained = Trained(model, config)
    branches = dict.fromkeys(BRANCHES[config.model.branches], trained)
    return Retriever(branches, config.evaluation, device)


def of_run(directory: RunDirectory, device: torch.device) -> Retriever:
    """The retriever of a finished training, or of a fusion whose trainings are finished.

    Raises:
        ValueError: on a run without weights, or a warm start.
    """
    config = directory.config()
    if isinstance(config, FusionConfig):
        return _of_fusion(directory, config, device)
    return of_model(load_model(directory).to(device), config, device)


def _of_fusion(directory: RunDirectory, config: FusionConfig, device: torch.device) -> Retriever:
    """Weights from where the trainings lie; what inputs are made of as this run's config says."""
    loaded: dict[Path, Trained] = {}
    for part, path in directory.parents().items():
        if path not in loaded:
            model = load_model(RunDirectory(path)).to(device)
            loaded[path] = Trained(model, getattr(config, part))
    return Retriever(
        {part: loaded[path] for part, path in directory.parents().items()},
        config.evaluation,
        device,
    )
