"""How configs relate: what a run starts from, and which runs differ in their seed alone."""

from dataclasses import replace

from unify.config.fine_tuning import FineTuneConfig
from unify.config.fusion import FusionConfig
from unify.config.run import RunConfig, warm_starts
from unify.config.signature import signature
from unify.config.warm_start import WarmStartConfig

Config = RunConfig | WarmStartConfig | FineTuneConfig | FusionConfig


def parents(config: Config) -> dict[str, Config]:
    """The runs that must be finished first, by part; they follow from the config."""
    if isinstance(config, RunConfig):
        return dict(warm_starts(config))
    if isinstance(config, FineTuneConfig):
        return {"pretrained": config.pretrained}
    if isinstance(config, FusionConfig):
        return {"latent": config.latent, "lexicon": config.lexicon}
    return {}


def with_seed(config: Config, seed: int) -> Config:
    """The same run with another seed, trainings behind it too; warm starts and the world keep
    theirs."""
    if isinstance(config, FusionConfig):
        return replace(config, **_reseeded(config, seed))
    if isinstance(config, FineTuneConfig):
        return replace(config, seed=seed, **_reseeded(config, seed))
    return replace(config, seed=seed)


def _reseeded(config: FusionConfig | FineTuneConfig, seed: int) -> dict[str, Config]:
    return {part: with_seed(run, seed) for part, run in parents(config).items()}


def group(config: Config) -> str:
    """What all seeds of a config share: the signature of its seed 0."""
    return signature(with_seed(config, 0))
