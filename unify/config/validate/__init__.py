"""Checks across fields: what must fit together before anything is started."""

from collections.abc import Iterator

from unify.config.errors import ConfigError
from unify.config.family import Config
from unify.config.fine_tuning import FineTuneConfig
from unify.config.fusion import FusionConfig
from unify.config.run import RunConfig
from unify.config.validate.checks import seed
from unify.config.validate.data import corpora, inputs
from unify.config.validate.fusion import fusion
from unify.config.validate.model import encoder, model
from unify.config.validate.starts import recipe, starts
from unify.config.validate.training import engine, evaluation, objective, plan, tuning, validation
from unify.config.validate.world import world
from unify.config.warm_start import WarmStartConfig

__all__ = ["validate"]


def validate(config: Config) -> None:
    """Raise ConfigError with the first thing that does not fit, in one line."""
    problem = next(CHECKS[type(config)](config), None)
    if problem is not None:
        raise ConfigError(problem)


def _run(config: RunConfig) -> Iterator[str]:
    yield from seed("", config)
    yield from model(config.model)
    yield from inputs(config)
    yield from corpora(config)
    yield from plan(config.plan)
    yield from objective(config.objective)
    yield from evaluation(config.evaluation)
    yield from engine(config.engine)
    yield from world(config)
    yield from starts(config)
    yield from tuning(config.tuning)


def _fine_tune(config: FineTuneConfig) -> Iterator[str]:
    yield from (f"pretrained.{problem}" for problem in _run(config.pretrained))
    yield from inputs(config)
    yield from corpora(config)
    yield from plan(config.plan)
    yield from objective(config.objective)
    yield from validation(config.validation)
    yield from evaluation(config.evaluation)
    yield from engine(config.engine)
    yield from world(config)


def _warm_start(config: WarmStartConfig) -> Iterator[str]:
    yield from seed("", config)
    yield from encoder("encoder", config.encoder)
    yield from recipe("recipe", config.recipe, config.world)


def _fusion(config: FusionConfig) -> Iterator[str]:
    yield from (f"latent.{problem}" for problem in _run(config.latent))
    yield from (f"lexicon.{problem}" for problem in _run(config.lexicon))
    yield from fusion(config)


CHECKS = {
    RunConfig: _run,
    WarmStartConfig: _warm_start,
    FineTuneConfig: _fine_tune,
    FusionConfig: _fusion,
}
