"""Checks of `init`: warm starts and their recipes."""

from collections.abc import Iterator

from unify.config.run import RunConfig, warm_starts
from unify.config.validate.checks import above_zero, at_least, seed, share
from unify.config.warm_start import TextRecipe, VideoRecipe
from unify.config.world import WorldConfig


def starts(config: RunConfig) -> Iterator[str]:
    """Every warm start that the run needs."""
    try:
        needed = warm_starts(config)
    except ValueError as error:
        yield str(error)
        return
    yield from seed("init", config.init)
    for part, start in needed.items():
        yield from recipe(f"init.{part}_recipe", start.recipe, start.world)
    lexicon = config.model.branches != "latent"
    if lexicon and "text" in needed and config.model.lexicon.entries == "all":
        yield (
            "model.lexicon.entries=all needs published weights: the warm start's BERT knows only "
            "the world's words; set model.lexicon.entries=used (or init.text=pretrained)"
        )


def recipe(name: str, config: TextRecipe | VideoRecipe, world: WorldConfig) -> Iterator[str]:
    """One recipe, and whether the world holds a batch for it."""
    yield from above_zero(name, config, "steps", "batch_size", "learning_rate")
    if isinstance(config, TextRecipe):
        yield from _text(name, config, world)
    elif config.batch_size > world.labelled_images:
        yield (
            f"{name}.batch_size={config.batch_size} is more than "
            f"world.labelled_images={world.labelled_images}"
        )


def _text(name: str, config: TextRecipe, world: WorldConfig) -> Iterator[str]:
    if config.batch_size < 4 or config.batch_size % 2:
        yield f"{name}.batch_size={config.batch_size} must be even and at least 4: pairs of texts"
    if config.batch_size // 2 > world.wordings:
        yield (
            f"{name}.batch_size={config.batch_size} needs {config.batch_size // 2} pairs, more "
            f"than world.wordings={world.wordings}"
        )
    yield from share(name, config, "mlm_ratio")
    yield from at_least(0, name, config, "copy_weight", "rewording_weight", "bag_weight")
