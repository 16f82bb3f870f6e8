"""What turns a test set into representations: one trained model, or one per branch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch

from unify.config import DataConfig, EvaluationConfig, FusionConfig, RunConfig
from unify.data.eval_loader import iterate_captions, iterate_clips
from unify.data.example import Example
from unify.evaluation.retrieval import Encoded, encode
from unify.models.vocabulary import Vocabulary
from unify.records import RunDirectory
from unify.systems.unify import BRANCHES, Representations, Unify
from unify.systems.weights import read_weights


@dataclass(frozen=True, eq=False)
class Trained:
    """A model, and the config that says how its inputs are made."""

    model: Unify
    config: RunConfig

    def encode(
        self, examples: Sequence[Example], evaluation: EvaluationConfig, device: torch.device
    ) -> Encoded:
        """All clips and captions of a test set through the model."""
        size, data = evaluation.batch_size, self.config.data
        clips = iterate_clips(
            examples,
            size,
            num_frames=evaluation.num_frames,
            image_size=data.image_size,
            mean=data.mean,
            std=data.std,
            decoder=data.decoder,
        )
        captions = iterate_captions(examples, size, max_tokens=data.max_tokens)
        return encode(
            self.model,
            (video.to(device) for video in clips),
            (tuple(part.to(device) for part in batch) for batch in captions),
        )


@dataclass(frozen=True)
class Retriever:
    """Which model each branch's representations come from."""

    branches: Mapping[str, Trained]
    """"latent" and "lexicon", or one of them."""
    evaluation: EvaluationConfig
    device: torch.device

    @property
    def vocabulary(self) -> Vocabulary | None:
        """The words behind the lexicon's dimensions; None without a lexicon branch."""
        return self.branches["lexicon"].model.vocabulary if "lexicon" in self.branches else None

    @property
    def data(self) -> DataConfig:
        """Where the corpora lie, and how they are read."""
        return next(iter(self.branches.values())).config.data

    def encode(self, examples: Sequence[Example]) -> Encoded:
        """A test set's representations, each model run once."""
        distinct = dict.fromkeys(self.branches.values())
        made = {m: m.encode(examples, self.evaluation, self.device) for m in distinct}
        by_branch = {name: made[trained] for name, trained in self.branches.items()}
        video, text = (_joined(by_branch, side) for side in ("video", "text"))
        return Encoded(video, text, next(iter(made.values())).clip_of)


def _joined(by_branch: Mapping[str, Encoded], side: str) -> Representations:
    """Each branch's representations of one side, from its own model."""
    found = {name: getattr(getattr(made, side), name) for name, made in by_branch.items()}
    return Representations(**{name: found.get(name) for name in BRANCHES["both"]})


def of_model(model: Unify, config: RunConfig, device: torch.device) -> Retriever:
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


def load_model(directory: RunDirectory) -> Unify:
    """The trained model of a run, in eval mode.

    Raises:
        ValueError: if the run has no `model.safetensors`, or is no training of UNIFY.
    """
    config = directory.config()
    if not isinstance(config, RunConfig):
        raise ValueError(f"{directory.path} is no training of UNIFY; give the directory of one")
    if not directory.model_path.exists():
        raise ValueError(f"{directory.model_path} is missing; finish the run first")
    state, _ = read_weights(directory.model_path)
    model = Unify(config.model, state["text.embeddings.vocabulary.ids"].tolist())
    model.load_state_dict(state)
    return model.eval()


def _of_fusion(directory: RunDirectory, config: FusionConfig, device: torch.device) -> Retriever:
    places = directory.parents()
    loaded = {
        path: Trained(load_model(RunDirectory(path)).to(device), RunDirectory(path).config())
        for path in dict.fromkeys(places.values())
    }
    return Retriever(
        {part: loaded[path] for part, path in places.items()}, config.evaluation, device
    )
