"""Checks of a fusion of two trainings."""

from collections.abc import Iterator

from unify.config.fusion import FusionConfig
from unify.config.validate.training import evaluation
from unify.config.validate.world import drawn_test_sets


def fusion(config: FusionConfig) -> Iterator[str]:
    """Each training has the branch that is used; both saw the same world and seed."""
    yield from evaluation(config.evaluation)
    yield from drawn_test_sets(config.world, config.evaluation.corpora)
    for part, other in (("latent", "lexicon"), ("lexicon", "latent")):
        if getattr(config, part).model.branches == other:
            yield f"{part}.model.branches={other}: that training has no {part} branch"
        most = getattr(config, part).model.video.max_frames
        longest = getattr(config, part).model.text.max_positions
        if not 3 <= (config.evaluation.max_tokens or 3) <= longest:
            yield (
                f"evaluation.max_tokens={config.evaluation.max_tokens} is outside 3..{longest} "
                f"({part}.model.text.max_positions)"
            )
        if not 1 <= config.evaluation.num_frames <= most:
            yield (
                f"evaluation.num_frames={config.evaluation.num_frames} is outside 1..{most} "
                f"({part}.model.video.max_frames)"
            )
    if config.latent.world != config.lexicon.world:
        yield "latent.world and lexicon.world differ; both must be evaluated on the same clips"
    if config.latent.seed != config.lexicon.seed:
        yield (
            f"latent.seed={config.latent.seed} and lexicon.seed={config.lexicon.seed} differ; "
            "a fusion has one seed"
        )
