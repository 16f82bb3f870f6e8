import pytest

from unify.config import PRESETS, warm_starts
from unify.config.codec import override
from unify.config.errors import ConfigError
from unify.config.validate import validate


@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_is_valid(preset):
    config = PRESETS[preset]()
    validate(config)
    for start in warm_starts(config).values():
        validate(start)


@pytest.mark.parametrize(
    "changes",
    [
        {"model.stem_depth": 13},
        {"model.stem_depth": -1},
        {"model.video.heads": 5},
        {"model.text.width": 0},
        {"model.video.patch_size": 7},
        {"data.image_size": 60},
        {"data.num_frames": 5},
        {"evaluation.num_frames": 0},
        {"data.max_tokens": 49},
        {"data.corpora": ()},
        {"plan.grounding_epochs": 11},
        {"plan.warmup_epochs": -1},
        {"plan.batch_size": 0},
        {"plan.epoch_steps": 0},
        {"plan.decay_share": 1.5},
        {"objective.latent_temperature": 0},
        {"objective.mlm_ratio": 2},
        {"evaluation.lexicon_share": -0.1},
        {"world": None},
    ],
    ids=str,
)
def test_what_does_not_fit_together_is_refused_in_one_line(changes):
    with pytest.raises(ConfigError) as caught:
        validate(override(PRESETS["mini"](), changes))
    assert "\n" not in str(caught.value)
    assert next(iter(changes)).split(".")[-1] in str(caught.value)
