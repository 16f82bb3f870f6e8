"""Evaluate a model, or a finished run, on test sets."""

from collections.abc import Sequence
from pathlib import Path

import torch

from unify.config import RunConfig
from unify.data.corpora import load_corpus
from unify.data.eval_loader import iterate_captions, iterate_clips
from unify.data.example import Example
from unify.evaluation.retrieval import Encoded, encode, metric_rows
from unify.evaluation.words import activity, always_on, strongest_words
from unify.records import RunDirectory
from unify.systems.unify import Unify
from unify.systems.weights import read_weights
from unify.training.device import choose_device


def evaluate_run(directory: RunDirectory, corpora: Sequence[str], root: Path | None = None) -> dict:
    """Metrics of a finished run on `corpus/split` test sets, read under `root` if given.

    Raises:
        ValueError: on an unknown corpus, or a run without weights.
    """
    config = directory.config()
    device = choose_device()
    model = load_model(directory).to(device)
    return evaluate_model(model, config, corpora, device, root)


def load_model(directory: RunDirectory) -> Unify:
    """The trained model of a run, in eval mode.

    Raises:
        ValueError: if the run has no `model.safetensors`, or is a warm start.
    """
    config = directory.config()
    if not isinstance(config, RunConfig):
        raise ValueError(f"{directory.path} is a warm start; give the directory of a UNIFY run")
    if not directory.model_path.exists():
        raise ValueError(f"{directory.model_path} is missing; finish the run first")
    state, _ = read_weights(directory.model_path)
    model = Unify(config.model, state["text.embeddings.vocabulary.ids"].tolist())
    model.load_state_dict(state)
    return model.eval()


def evaluate_model(
    model: Unify,
    config: RunConfig,
    corpora: Sequence[str],
    device: torch.device,
    root: Path | None = None,
) -> dict:
    """`metrics` rows and, with a lexicon branch, what the `lexicon` says on each test set."""
    metrics, lexicon = [], {}
    for name in corpora:
        corpus, _, split = name.partition("/")
        examples = load_corpus(corpus, split, Path(root or config.data.root))
        encoded = encode_examples(model, config, examples, device)
        rows = metric_rows(encoded, config.evaluation.lexicon_share)
        metrics += [{"corpus": corpus, "split": split, **row} for row in rows]
        if encoded.video.lexicon is not None:
            lexicon[name] = lexicon_report(model, encoded, examples, config.evaluation.examples)
    return {"metrics": metrics, "lexicon": lexicon}


def encode_examples(
    model: Unify, config: RunConfig, examples: Sequence[Example], device: torch.device
) -> Encoded:
    """All clips and captions of a test set through the model."""
    size, data = config.evaluation.batch_size, config.data
    clips = iterate_clips(
        examples,
        size,
        num_frames=config.evaluation.num_frames,
        image_size=data.image_size,
        mean=data.mean,
        std=data.std,
        decoder=data.decoder,
    )
    captions = iterate_captions(examples, size, max_tokens=data.max_tokens)
    return encode(
        model,
        (video.to(device) for video in clips),
        (tuple(part.to(device) for part in batch) for batch in captions),
    )


def lexicon_report(model: Unify, encoded: Encoded, examples: Sequence[Example], count: int) -> dict:
    """Activity of both sides, and the strongest words of fixed samples."""
    report = {}
    for side in ("video", "text"):
        weights = getattr(encoded, side).lexicon
        report[f"{side}_active"], report[f"{side}_zero_share"] = activity(weights)
        report[f"{side}_always_on"] = always_on(weights)
    report["examples"] = [
        _example(model, encoded, examples, clip) for clip in _spread(len(examples), count)
    ]
    return report


def _example(model: Unify, encoded: Encoded, examples: Sequence[Example], clip: int) -> dict:
    caption = int((encoded.clip_of == clip).nonzero()[0])
    return {
        "key": examples[clip].key,
        "caption": examples[clip].captions[0],
        "video_words": strongest_words(encoded.video.lexicon[clip], model.vocabulary),
        "text_words": strongest_words(encoded.text.lexicon[caption], model.vocabulary),
    }


def _spread(total: int, count: int) -> list[int]:
    """`count` numbers spread evenly over 0..total - 1, the same ones at every call."""
    return torch.linspace(0, total - 1, min(count, total)).round().int().tolist()
