"""What must be there before a run starts: corpora, weights, the decoder (no torch)."""

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from experiments.plan import Plan
from unify.config import RunConfig
from unify.config.corpora import CORPORA
from unify.config.errors import ConfigError

WEIGHTS = {"text": "a folder of a BERT with MLM head", "video": "a file of a timm ViT's state"}
"""What `init.<part>_weights` names where it is a path."""


def check_ready(plan: Plan) -> None:
    """ConfigError for the first thing that a run to be trained lacks."""
    for run in plan.missing:
        if isinstance(run.config, RunConfig) and (problem := missing(run.config)):
            raise ConfigError(problem)


def missing(config: RunConfig) -> str | None:
    """The first thing that is missing, in one line; a miniature world draws its own corpora."""
    return next(_problems(config), None)


def _problems(config: RunConfig) -> Iterator[str]:
    if config.data.decoder == "torchcodec" and find_spec("torchcodec") is None:
        yield (
            "torchcodec (data.decoder) is not installed; pip install torchcodec, in the version "
            "for your PyTorch, and FFmpeg's libraries, or set data.decoder to decord or av"
        )
    if config.world is None:
        yield from _absent(config)


def _absent(config: RunConfig) -> Iterator[str]:
    root = Path(config.data.root)
    tests = [name.partition("/")[0] for name in config.evaluation.corpora]
    for name in dict.fromkeys([*config.data.corpora, *tests]):
        corpus = CORPORA[name]
        if not (root / corpus.folder).is_dir():
            yield (
                f"{root / corpus.folder} is missing: {name} is expected there as {corpus.layout}; "
                "set --data-root to the folder that holds the corpora"
            )
    for part, expected in WEIGHTS.items():
        weights = config.init.weights(part)
        used = getattr(config.init, part) == "pretrained"
        if used and _is_path(weights) and not Path(weights).exists():
            yield f"{weights} (init.{part}_weights) is missing; name {expected}"


def _is_path(name: str) -> bool:
    """Whether it is meant as a path; hub names are `name` or `owner/name`."""
    return name.startswith(("/", ".", "~")) or name.count("/") > 1
