"""The training plan: stages, rates and weights as functions of the step."""

import math

import pytest

from unify.config import ObjectiveConfig, PlanConfig
from unify.training.plan import Plan

RATE = 1e-3


def plan(epoch_steps=20, objective=None, **changes):
    config = PlanConfig(**({"learning_rate": RATE} | changes))
    return Plan(config, ObjectiveConfig(**(objective or {})), epoch_steps)


def test_stage_1_lasts_three_of_ten_epochs():
    paper = plan()
    assert paper.steps == 200
    assert paper.grounding_steps == 60
    assert [paper.stage(step) for step in (0, 59, 60, 199)] == [1, 1, 2, 2]


def test_stage_1_may_end_within_an_epoch_or_not_exist():
    assert plan(grounding_epochs=0.5).grounding_steps == 10
    without = plan(grounding_epochs=0.0)
    assert without.grounding_steps == 0
    assert without.stage(0) == 2


def test_words_are_masked_in_stage_2_only():
    masks = [plan().masks_words(step) for step in (0, 59, 60, 199)]
    assert masks == [False, False, True, True]
    assert plan(grounding_epochs=0.0).masks_words(0)
    assert not plan(objective={"mlm": False}).masks_words(199)


@pytest.mark.parametrize("schedule", ["cosine", "hold_then_decay"])
def test_the_rate_warms_up_linearly_to_its_peak(schedule):
    rates = [plan(schedule=schedule).learning_rate(step) for step in range(20)]
    assert rates == pytest.approx([RATE * (step + 1) / 20 for step in range(20)])
    assert plan(schedule=schedule, warmup_epochs=0).learning_rate(0) == RATE


def test_the_cosine_falls_from_the_peak_to_zero():
    cosine = plan()
    assert cosine.learning_rate(20) == RATE
    assert cosine.learning_rate(110) == pytest.approx(RATE / 2)
    assert cosine.learning_rate(65) == pytest.approx(RATE * (1 + math.cos(math.pi / 4)) / 2)
    assert 0 < cosine.learning_rate(199) < 1e-4 * RATE
    after = [cosine.learning_rate(step) for step in range(20, 200)]
    assert after == sorted(after, reverse=True)


def test_hold_then_decay_holds_and_then_falls_linearly_to_zero():
    held = plan(schedule="hold_then_decay", decay_share=0.25)
    assert {held.learning_rate(step) for step in range(20, 151)} == {RATE}
    assert held.learning_rate(175) == pytest.approx(RATE / 2)
    assert held.learning_rate(199) == pytest.approx(RATE / 50)


def test_hold_then_decay_without_a_decay_only_holds():
    held = plan(schedule="hold_then_decay", decay_share=0.0)
    assert [held.learning_rate(step) for step in (20, 199)] == [RATE, RATE]


def test_the_flops_weight_is_constant_or_ramps_up_linearly():
    assert {plan().flops_weight(step) for step in range(200)} == {1e-4}
    ramped = plan(objective={"flops_weight": 2e-3, "flops_ramp": 0.5})
    found = [ramped.flops_weight(step) for step in (0, 25, 50, 100, 199)]
    assert found == pytest.approx([0, 5e-4, 1e-3, 2e-3, 2e-3])


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        ("linear", [1, 0.995, 0.9, 0.5, 0.005]),
        ("linear_per_epoch", [1, 1, 0.9, 0.5, 0.1]),
        ("constant", [1, 1, 1, 1, 1]),
    ],
)
def test_the_distillation_weight_falls_from_one_to_zero_over_the_run(schedule, expected):
    weights = plan(objective={"distillation_schedule": schedule})
    found = [weights.distillation_weight(step) for step in (0, 1, 20, 100, 199)]
    assert found == pytest.approx(expected)
    off = plan(objective={"distillation_schedule": schedule, "distillation": False})
    assert {off.distillation_weight(step) for step in range(200)} == {0}
