import pytest

from unify.config import PRESETS, warm_starts
from unify.config.codec import override
from unify.config.errors import ConfigError
from unify.config.validate import validate
from unify.config.validate.world import NOUNS
from unify.data.miniature.sprites import all_nouns


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
        {"seed": -1},
        {"data.corpora": "webvid2"},
        {"data.corpora": "msrvtt_unseen_style"},
        {"evaluation.corpora": "msrvt/test_1ka"},
        {"evaluation.corpora": "msrvtt"},
        {"evaluation.corpora": "msrvtt/test"},
        {"evaluation.corpora": ()},
        {"world.nouns": 1},
        {"world.nouns": 332},
        {"world.held_out_share": 0},
        {"world.held_out_share": 1.1},
        {"world.two_motions_share": -0.1},
        {"world.background_share": 2},
        {"world.msrvtt_test_clips": 0},
        {"world.webvid_clips": 31},
        {"world.cc3m_images": 31},
        {"world.frames": 0},
        {"world.didemo_train_videos": -1},
        {"world.lsmdc_test_clips": -1},
        {"world.msvd_captions": 0},
        {"world.hmdb51_clips_per_class": 2},
        {"world.ucf101_clips_per_class": -1},
        {"world.didemo_train_videos": 31, "data.corpora": "didemo"},
        {"world.msvd_train_clips": 0, "data.corpora": "msvd"},
        {"world.lsmdc_test_clips": 0, "evaluation.corpora": "lsmdc/test"},
        {"world.msvd_test_clips": 0, "evaluation.corpora": "msvd/test_one_caption"},
        {"world.unseen_style_clips": 0, "evaluation.corpora": "msrvtt_unseen_style/test_1ka"},
        {"world.fps": 0},
        {"data.std": "0.2,0,0.2"},
        {"data.crop_scale": "0,1"},
        {"data.crop_scale": "0.9,0.8"},
        {"data.workers": -1},
        {"plan.betas": "0.9,1"},
        {"plan.weight_decay": -1},
        {"plan.clip_norm": -1},
        {"plan.head_scale": 0},
        {"objective.flops_weight": -1},
        {"objective.mlm_weight": -1},
        {"evaluation.batch_size": 0},
        {"evaluation.examples": -1},
        {"engine.checkpoint_every": 0},
        {"engine.log_every": 0},
        {"init.text_recipe.steps": 0},
        {"init.text_recipe.batch_size": 5},
        {"init.text_recipe.batch_size": 2},
        {"init.video_recipe.learning_rate": 0},
        {"init.video_recipe.batch_size": 16001},
        {"model.text.width": 128, "model.lexicon.video_adapter": "none"},
        {"model.lexicon.entries": "all"},
    ],
    ids=str,
)
def test_what_does_not_fit_together_is_refused_in_one_line(changes):
    with pytest.raises(ConfigError) as caught:
        validate(override(PRESETS["mini"](), changes))
    assert "\n" not in str(caught.value)
    assert next(iter(changes)).split(".")[-1] in str(caught.value)


def test_a_corpus_of_which_nothing_is_drawn_may_be_left_alone():
    sizes = ("didemo_train_videos", "didemo_val_videos", "lsmdc_test_clips", "msvd_test_clips")
    counts = dict.fromkeys(sizes, 0) | {"hmdb51_clips_per_class": 0, "ucf101_clips_per_class": 3}
    validate(override(PRESETS["mini"](), {f"world.{name}": n for name, n in counts.items()}))


def test_names_that_are_nearly_right_are_corrected():
    with pytest.raises(ConfigError, match=r"data\.corpora: .*did you mean webvid2m"):
        validate(override(PRESETS["mini"](), {"data.corpora": "webvid"}))
    with pytest.raises(ConfigError, match=r"evaluation\.corpora: .*did you mean msrvtt/test_1ka"):
        validate(override(PRESETS["mini"](), {"evaluation.corpora": "msrvtt/test_1k"}))


def test_unlike_widths_are_fine_where_an_adapter_or_no_lexicon_head_is():
    validate(override(PRESETS["mini"](), {"model.text.width": 128}))
    changes = {"model.text.width": 128, "model.branches": "latent"}
    validate(override(PRESETS["mini"](), {**changes, "model.lexicon.video_adapter": "none"}))


def test_the_nouns_that_can_be_asked_for_are_those_that_can_be_drawn():
    assert len(all_nouns()) == NOUNS
