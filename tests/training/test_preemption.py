"""Trainings in two processes that are asked to stop, and go on later."""

import pytest
from conftest import interruptions
from test_resume import assert_same
from tiny_training import STEPS

from unify.training.checkpoint_record import whole_checkpoints

pytestmark = pytest.mark.slow

NAMES = list(interruptions(0))


def stopped_at(runs, name):
    """Steps done when the training stopped."""
    return interruptions(runs.seed)[name]["signals"][0][0] + 1


@pytest.mark.parametrize("name", NAMES)
def test_all_processes_stop_at_the_step_at_which_one_was_asked_to(name, more_runs):
    said = {more_runs.outcome(name, rank)["error"] for rank in range(2)}
    assert len(said) == 1
    assert said.pop().startswith("Interrupted: asked to stop by SIG")
    done = stopped_at(more_runs, name)
    assert len(more_runs.rows(name)) == done
    assert whole_checkpoints(more_runs.folder / name / "checkpoints")[-1].name == f"step-{done:07d}"


@pytest.mark.parametrize("name", NAMES)
def test_a_training_that_was_asked_to_stop_ends_as_if_it_had_not_been(name, more_runs):
    again = f"{name}, resumed"
    assert len(more_runs.outcome(again)["norms"]) == STEPS - stopped_at(more_runs, name)
    assert_same(more_runs, again, "whole of two")


def test_a_step_is_saved_once(more_runs):
    assert more_runs.outcome("when saving anyway")["saves"] == [2, 4, 6]
    assert more_runs.outcome("at the last step")["saves"] == [STEPS]
    assert more_runs.outcome("at the last step, resumed")["saves"] == []


def test_a_training_that_was_taken_over_stops_without_writing(more_runs):
    errors = [more_runs.outcome("taken over", rank)["error"] for rank in range(2)]
    assert errors == ["ClaimLost: another process has taken the run over"] * 2
    assert len(more_runs.rows("taken over")) == 5
    assert more_runs.outcome("taken over")["saves"] == [2, 4]


@pytest.mark.parametrize("rank", [0, 1])
def test_where_one_process_works_alone_all_learn_why_it_ended_early(rank, more_runs):
    usr2, term = (f"Interrupted: asked to stop by SIG{name}" for name in ("USR2", "TERM"))
    assert more_runs.outcome("phases", rank) == {
        "asked, work": usr2,
        "asked, meeting": usr2,
        "asked_too_late, work": None,
        "asked_too_late, meeting": term,
        "lost, work": "ClaimLost: another process has taken the run over",
        "lost, meeting": None,
    }
