"""What runs start from, and what their seeds share."""

from dataclasses import replace

import pytest

from unify.config import (
    PRESETS,
    FusionConfig,
    group,
    parents,
    signature,
    warm_starts,
    with_seed,
)
from unify.config.codec import from_dict, local_fields, override, to_dict
from unify.config.errors import ConfigError
from unify.config.validate import validate

BASE = PRESETS["smoke"]()
APART = FusionConfig(
    latent=override(BASE, {"model.branches": "latent"}),
    lexicon=override(BASE, {"model.branches": "lexicon"}),
    evaluation=BASE.evaluation,
)


def test_a_training_starts_from_its_warm_starts_and_these_from_nothing():
    assert parents(BASE) == warm_starts(BASE)
    assert all(parents(start) == {} for start in warm_starts(BASE).values())
    assert parents(PRESETS["paper"]()) == {}


def test_a_fusion_starts_from_the_trainings_of_its_branches():
    assert parents(APART) == {"latent": APART.latent, "lexicon": APART.lexicon}


@pytest.mark.parametrize("config", [BASE, APART], ids=["training", "fusion"])
def test_seeds_of_a_config_share_their_group_and_nothing_else_does(config):
    other = with_seed(config, 7)
    assert other.seed == 7
    assert signature(other) != signature(config)
    assert group(other) == group(config) == signature(config)
    assert group(override(config, {"evaluation.num_frames": 2})) != group(config)


def test_another_seed_leaves_warm_starts_and_the_world_alone():
    other = with_seed(APART, 3)
    for part, training in parents(other).items():
        assert training.seed == 3
        assert parents(training) == parents(parents(APART)[part])


def test_a_fusion_survives_json_and_knows_which_fields_are_no_identity():
    assert from_dict("FusionConfig", to_dict(APART)) == APART
    assert {"latent.data.root", "lexicon.engine.log_every"} <= local_fields(FusionConfig)
    moved = override(APART, {"latent.data.root": "/elsewhere"})
    assert signature(moved) == signature(APART)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        (replace(APART, latent=APART.lexicon), "latent.model.branches=lexicon"),
        (replace(APART, lexicon=APART.latent), "lexicon.model.branches=latent"),
        (override(APART, {"latent.world.nouns": 20}), "latent.world and lexicon.world differ"),
        (override(APART, {"lexicon.seed": 1}), "a fusion has one seed"),
        (override(APART, {"evaluation.lexicon_share": 1.5}), "evaluation.lexicon_share=1.5"),
        (override(APART, {"evaluation.num_frames": 9}), "evaluation.num_frames=9"),
        (override(APART, {"latent.plan.epochs": 0}), "latent.plan.epochs=0"),
    ],
)
def test_a_fusion_that_does_not_fit_together_is_named(changed, message):
    with pytest.raises(ConfigError, match=message):
        validate(changed)


def test_both_fusions_of_the_registry_are_valid():
    validate(APART)
    validate(FusionConfig(latent=BASE, lexicon=BASE))
