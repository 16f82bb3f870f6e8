"""What must be there before a run starts: corpora, weights, the decoder (no torch)."""

from collections.abc import Iterator
from importlib.util import find_spec
from itertools import chain
from pathlib import Path

from experiments.plan import Plan, PlannedRun
from experiments.text import count
from unify.config import (
    Config,
    DataConfig,
    FineTuneConfig,
    FusionConfig,
    RunConfig,
    WarmStartConfig,
)
from unify.config.corpora import CORPORA
from unify.config.errors import ConfigError
from unify.config.fine_tuning import tuned_from_scratch
from unify.data.corpora import load_split

WEIGHTS = {"text": "a folder of a BERT with MLM head", "video": "a file of a timm ViT's state"}
"""What `init.<part>_weights` names where it is a path."""


def check_ready(plan: Plan, processes: int = 1) -> None:
    """ConfigError for the first thing that a run to be trained by so many processes lacks."""
    for run in plan.missing:
        if problem := missing(run.config) or _unfit(run, processes):
            raise ConfigError(problem)


def cautions(plan: Plan) -> Iterator[str]:
    """What to think twice about, a line each."""
    for run in plan.missing:
        if isinstance(run.config, RunConfig) and (corpora := tuned_from_scratch(run.config)):
            yield (
                f"{run.name} trains on {', '.join(corpora)} without any pre-training: expect far "
                "lower recalls than fine-tuning gives (`sweep.py msrvtt --only fine_tuned`, "
                "`sweep.py transfer`)"
            )


def missing(config: Config) -> str | None:
    """The first thing that is missing, in one line; a miniature world draws its own corpora."""
    if isinstance(config, WarmStartConfig):
        return None
    return next(chain(_decoder(config.data), _corpora(config), _weights(config)), None)


def _unfit(run: PlannedRun, processes: int) -> str | None:
    """Why so many processes cannot train the run."""
    if isinstance(run.config, FusionConfig):
        return None
    is_start = isinstance(run.config, WarmStartConfig)
    size = run.config.recipe.batch_size if is_start else run.config.plan.batch_size
    if size % processes:
        return f"{run.name}: batches of {size} do not divide over {count(processes, 'process')}"
    return None


def _decoder(config: DataConfig) -> Iterator[str]:
    if config.decoder == "torchcodec" and find_spec("torchcodec") is None:
        yield (
            "torchcodec (data.decoder) is not installed; pip install torchcodec, in the version "
            "for your PyTorch, and FFmpeg's libraries, or set data.decoder to decord or av"
        )


def _corpora(config: RunConfig | FineTuneConfig | FusionConfig) -> Iterator[str]:
    if config.world is not None:
        return
    root = Path(config.data.root)
    trained = () if isinstance(config, FusionConfig) else config.data.corpora
    used = [name.partition("/")[0] for name in (*trained, *config.evaluation.corpora)]
    for name in dict.fromkeys(used):
        corpus = CORPORA[name]
        if not (root / corpus.folder).is_dir():
            yield (
                f"{root / corpus.folder} is missing: {name} is expected there as {corpus.layout}; "
                "set --data-root to the folder that holds the corpora"
            )
            return
    yield from _test_sets(config, root)


def _test_sets(config: RunConfig | FineTuneConfig | FusionConfig, root: Path) -> Iterator[str]:
    """A test set that could not be evaluated after the training, and a validation split."""
    validated = config.validation.place if isinstance(config, FineTuneConfig) else None
    places = dict.fromkeys(config.evaluation.corpora, config.evaluation.incomplete)
    for place, incomplete in {**places, **({validated: True} if validated else {})}.items():
        corpus, _, split = place.partition("/")
        try:
            load_split(corpus, split, root, incomplete=incomplete)
        except ValueError as error:
            yield str(error)


def _weights(config: Config) -> Iterator[str]:
    if not isinstance(config, RunConfig):
        return
    for part, expected in WEIGHTS.items():
        weights = config.init.weights(part)
        used = getattr(config.init, part) == "pretrained"
        if used and _is_path(weights) and not Path(weights).exists():
            yield f"{weights} (init.{part}_weights) is missing; name {expected}"


def _is_path(name: str) -> bool:
    """Whether it is meant as a path; hub names are `name` or `owner/name`."""
    return name.startswith(("/", ".", "~")) or name.count("/") > 1
