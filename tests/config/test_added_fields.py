"""Fields that are younger than runs on record."""

from dataclasses import dataclass

from unify.config import PRESETS, EvaluationConfig, signature
from unify.config.codec import from_dict, override, to_dict
from unify.config.knob import added


@dataclass(frozen=True)
class Before:
    size: int = 3


@dataclass(frozen=True)
class After:
    size: int = 3
    shape: str = added("round")


def test_a_neutral_field_leaves_signatures_as_they_were_and_another_value_does_not():
    before, after = type("Config", (Before,), {}), type("Config", (After,), {})
    assert signature(after()) == signature(before())
    assert signature(after(shape="square")) != signature(before())
    assert signature(after(size=4)) == signature(before(size=4)) != signature(before())


def test_a_record_without_the_field_is_read_as_neutral():
    config = PRESETS["mini"]()
    stored = to_dict(config)
    del stored["evaluation"]["num_clips"]
    del stored["world"]["didemo_test_videos"]
    assert from_dict("RunConfig", stored) == config


def test_sets_of_frames_and_templates_count_once_they_are_used():
    base = PRESETS["paper"]()
    for name, value in (("num_clips", 4), ("templates", "a {}"), ("max_tokens", 9)):
        changed = override(base, {f"evaluation.{name}": value})
        assert signature(changed) != signature(base), name
    assert EvaluationConfig().num_clips == 1
