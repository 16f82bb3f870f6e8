from dataclasses import is_dataclass
from typing import Literal, get_args, get_origin, get_type_hints

import pytest

from unify.config import PRESETS, FineTuneConfig, RunConfig, signature, warm_starts
from unify.config.codec import (
    differences,
    flatten,
    from_dict,
    local_fields,
    neutral_fields,
    override,
    to_dict,
)
from unify.config.errors import ConfigError


def every_config():
    for preset in PRESETS.values():
        config = preset()
        yield config
        yield from warm_starts(config).values()


@pytest.mark.parametrize("config", list(every_config()), ids=signature)
def test_a_config_survives_the_way_through_plain_values(config):
    assert from_dict(type(config).__name__, to_dict(config)) == config


def test_an_override_is_typed_by_the_field():
    config = override(
        PRESETS["mini"](),
        {
            "model.stem_depth": "6",
            "plan.learning_rate": "1",
            "objective.mlm": "false",
            "data.corpora": "webvid2m",
            "data.crop_scale": "0.5,1",
            "plan.epoch_steps": "none",
            "engine.zero_stage": "1",
        },
    )
    assert config.model.stem_depth == 6
    assert isinstance(config.plan.learning_rate, float)
    assert config.objective.mlm is False
    assert config.data.corpora == ("webvid2m",)
    assert config.data.crop_scale == (0.5, 1.0)
    assert config.plan.epoch_steps is None
    assert config.engine.zero_stage == 1


def test_a_choice_called_none_stays_a_choice():
    config = override(PRESETS["mini"](), {"model.lexicon.video_adapter": "none"})
    assert config.model.lexicon.video_adapter == "none"


def test_an_optional_group_can_be_emptied():
    assert override(PRESETS["mini"](), {"world": "none"}).world is None


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("model.stem_dept", "6", "did you mean model.stem_depth?"),
        ("stem_depth", "6", "did you mean model.stem_depth?"),
        ("model.stem_depth", "deep", "model.stem_depth"),
        ("model.stem_depth", "6.5", "model.stem_depth"),
        ("plan.learning_rate", "nan", "finite"),
        ("engine.precision", "fp16", "'bf16'"),
        ("model", "6", "model is a group"),
        ("model.stem_depth.x", "6", "unknown field"),
        ("data.crop_scale", "0.5", "data.crop_scale"),
    ],
)
def test_a_wrong_name_or_value_gets_one_line_that_helps(name, value, message):
    with pytest.raises(ConfigError) as caught:
        override(PRESETS["mini"](), {name: value})
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_field_of_an_absent_group_is_named():
    with pytest.raises(ConfigError, match="world is none in this config"):
        override(PRESETS["paper"](), {"world.nouns": "24"})


def test_an_unknown_field_in_a_record_is_named():
    data = to_dict(PRESETS["mini"]())
    data["model"]["video"]["colour"] = 3
    with pytest.raises(ConfigError, match=r"unknown field 'model\.video\.colour'"):
        from_dict("RunConfig", data)


def test_differences_name_identity_fields_alone():
    old = PRESETS["mini"]()
    new = override(old, {"model.stem_depth": 3, "data.root": "/elsewhere", "data.workers": 2})
    assert differences(old, new) == {"model.stem_depth": (9, 3)}


LOCAL = (
    "data.root",
    "data.workers",
    "data.decoder",
    "model.lexicon.backend",
    "evaluation.incomplete",
    "engine.checkpoint_every",
    "engine.recompute",
    "engine.log_every",
    "init.weights_root",
)


def test_every_field_changes_the_signature_but_those_marked_as_local():
    config = PRESETS["smoke"]()
    for name, value in flatten(config).items():
        data = to_dict(config)
        group = data
        for part in name.split(".")[:-1]:
            group = group[part]
        group[name.split(".")[-1]] = another(name, value)
        same = signature(from_dict("RunConfig", data)) == signature(config)
        assert same == (name in LOCAL or name.startswith("tuning.")), name


def test_a_whole_group_that_is_no_identity_is_named_with_all_that_is_in_it():
    config = PRESETS["smoke"]()
    tuned = override(config, {"tuning.plan.epochs": 7, "tuning.held_out": 9})
    assert differences(config, tuned) == {}
    leaves = {name for name in flatten(config) if name.startswith("tuning.")}
    assert leaves | {"tuning", *LOCAL} <= local_fields(RunConfig)
    assert {f"pretrained.{name}" for name in leaves} <= local_fields(FineTuneConfig)
    assert "plan.epochs" not in local_fields(RunConfig)


def test_neutral_fields_are_those_that_the_signature_leaves_out_at_their_value():
    config = PRESETS["mini"]()
    neutral = neutral_fields(RunConfig)
    assert neutral["evaluation.templates"] == ["{}"]
    assert neutral_fields(FineTuneConfig)["pretrained.world.msvd_captions"] == 40
    stored = flatten(config)
    assert {name: stored[name] for name in neutral} == neutral
    for name, value in neutral.items():
        changed = override(config, {name: another(name, value)})
        assert signature(changed) != signature(config)
        assert signature(override(changed, {name: value})) == signature(config)


def another(name, value):
    """A different value that the field takes."""
    kind = RunConfig
    for part in name.split("."):
        kind = get_type_hints(kind)[part]
        kind = next((k for k in (kind, *get_args(kind)) if is_dataclass(k)), kind)
    if get_origin(kind) is Literal:
        return next(choice for choice in get_args(kind) if choice != value)
    if isinstance(value, bool):
        return not value
    if value is None and str in get_args(kind):
        return "somewhere"
    if isinstance(value, list):
        return [*value[:-1], another_scalar(value[-1])]
    return another_scalar(value)


def another_scalar(value):
    return f"{value}x" if isinstance(value, str) else (value or 0) + 1
