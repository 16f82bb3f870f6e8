"""Fine-tuning follows from the pre-trained run, and changes nothing of it."""

from dataclasses import replace

import pytest

from experiments.registry import SWEEPS
from unify.config import (
    PRESETS,
    FusionConfig,
    evaluated_on,
    fine_tuned,
    group,
    parents,
    signature,
    with_seed,
)
from unify.config.codec import from_dict, override, to_dict
from unify.config.errors import ConfigError
from unify.config.fine_tuning import tuned_from_scratch
from unify.config.protocols import ACTIONS, TUNED
from unify.config.validate import validate


@pytest.fixture(params=PRESETS)
def base(request):
    return PRESETS[request.param]()


@pytest.mark.parametrize("corpus", TUNED)
def test_every_corpus_is_tuned_on_its_training_split_and_never_chosen_by_its_test_set(base, corpus):
    made = fine_tuned(base, corpus)
    validate(made)
    assert made.data.corpora == (corpus,)
    assert all(place.startswith(f"{corpus}/test") for place in made.evaluation.corpora)
    assert made.validation.place not in made.evaluation.corpora
    assert "test" not in (made.validation.place or "")
    assert parents(made) == {"pretrained": base}
    assert (made.model, made.world) == (base.model, base.world)
    assert not made.objective.distillation and made.plan.grounding_epochs == 0


def test_the_recipe_is_no_part_of_the_pre_training(base):
    changed = override(base, {"tuning.plan.learning_rate": 1e-6, "tuning.held_out": 7})
    assert signature(changed) == signature(base)
    other, made = fine_tuned(changed, "msrvtt"), fine_tuned(base, "msrvtt")
    assert other.plan.learning_rate == 1e-6 and other.validation.clips == 7
    assert signature(other) != signature(made)


@pytest.mark.parametrize("name", ["num_clips=4", "templates=a {}", "lexicon_share=0.2"])
def test_what_is_asked_of_finished_weights_trains_them_no_second_time(base, name):
    field, _, value = name.partition("=")
    asked = override(base, {f"evaluation.{field}": value})
    assert signature(asked) != signature(base)
    for sweep in ("msrvtt", "transfer", "action_recognition", "fusion_ratio"):
        for variant in SWEEPS[sweep].variants(asked):
            behind = {signature(run) for run in parents(variant.config).values()}
            assert behind == {signature(base)}, variant.label


def test_the_permission_to_lack_clips_is_no_part_of_a_run(base):
    assert signature(override(base, {"evaluation.incomplete": True})) == signature(base)


def test_a_seed_is_that_of_the_pre_training_too(base):
    made = with_seed(fine_tuned(base, "msvd"), 3)
    assert (made.seed, made.pretrained.seed) == (3, 3)
    assert group(made) == group(fine_tuned(base, "msvd"))


def test_a_config_comes_back_from_its_record(base):
    made = fine_tuned(base, "didemo")
    assert from_dict("FineTuneConfig", to_dict(made)) == made
    assert override(made, {"plan.epochs": "3"}).plan.epochs == 3


def test_paragraphs_are_asked_with_as_many_tokens_as_there_are_places_up_to_64(base):
    longest = min(64, base.model.text.max_positions)
    assert evaluated_on(base, "didemo").max_tokens == longest
    assert fine_tuned(base, "didemo").data.max_tokens == longest
    assert evaluated_on(base, "lsmdc").max_tokens is None


def test_msr_vtt_is_tuned_on_another_of_its_training_splits_where_that_is_asked_for(base):
    asked = override(base, {"tuning.split": "train_7k"})
    made = fine_tuned(asked, "msrvtt")
    validate(made)
    assert made.data.corpora == ("msrvtt/train_7k",)
    assert signature(made) != signature(fine_tuned(base, "msrvtt"))
    with pytest.raises(ConfigError, match="unknown training split of didemo"):
        validate(fine_tuned(asked, "didemo"))


def test_a_test_set_that_is_asked_for_by_name_keeps_the_queries_that_were_set(base):
    asked = override(base, {"evaluation.max_tokens": 20})
    assert evaluated_on(asked, "didemo").max_tokens == 20
    assert evaluated_on(asked, "lsmdc").max_tokens == 20


@pytest.mark.parametrize("corpus", ACTIONS)
def test_templates_that_are_asked_for_go_before_those_of_the_miniature_world(base, corpus):
    made = evaluated_on(base, corpus)
    assert made.corpora == tuple(f"{corpus}/test_{k}" for k in (1, 2, 3))
    drawn = base.world is not None and corpus == "ucf101"
    assert made.templates == (("a {}",) if drawn else ("{}",))
    asked = override(base, {"evaluation.templates": "one {}"})
    assert evaluated_on(asked, corpus).templates == ("one {}",)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"validation.place": "msvd/test"}, "msvd/test is a test set"),
        ({"validation.place": "ucf101/test_1"}, "has no captions"),
        ({"validation.place": "msvd/vall"}, "did you mean msvd/val"),
        ({"validation.clips": 0}, "validation.clips=0 must be at least 1"),
        ({"data.corpora": "ucf101"}, "unknown training corpus"),
        ({"data.corpora": "msrvtt/test_1ka"}, "unknown training split of msrvtt"),
        ({"evaluation.max_tokens": 9999}, "evaluation.max_tokens=9999 is outside"),
        ({"evaluation.num_clips": 0}, "evaluation.num_clips=0 must be at least 1"),
        ({"evaluation.templates": "a person"}, "has not one {}"),
        ({"evaluation.templates": ()}, "evaluation.templates is empty"),
        ({"pretrained.model.stem_depth": 99}, "pretrained.model.stem_depth=99"),
    ],
    ids=str,
)
def test_what_does_not_fit_is_refused_in_one_line(changes, message):
    with pytest.raises(ConfigError) as caught:
        validate(override(fine_tuned(PRESETS["mini"](), "msvd"), changes))
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["held_out", "validation_clips", "plan.epochs"])
def test_a_wrong_recipe_is_refused_before_the_pre_training(name):
    with pytest.raises(ConfigError, match=f"tuning.{name}=0"):
        validate(override(PRESETS["mini"](), {f"tuning.{name}": 0}))


def test_a_fusion_is_refused_on_unknown_test_sets_and_too_long_queries():
    base = PRESETS["mini"]()
    made = FusionConfig(latent=base, lexicon=base, evaluation=base.evaluation)
    validate(made)
    for name, value in (("corpora", ("ucf101/test_9",)), ("max_tokens", 999)):
        evaluation = replace(base.evaluation, **{name: value})
        with pytest.raises(ConfigError, match=f"evaluation.{name}"):
            validate(replace(made, evaluation=evaluation))


def test_training_on_a_corpus_of_the_tables_from_no_pre_training_is_noticed(base):
    assert tuned_from_scratch(base) == ()
    changes = {"data.corpora": "msrvtt/train_7k,webvid2m,msrvtt"}
    assert tuned_from_scratch(override(base, changes)) == ("msrvtt",)
