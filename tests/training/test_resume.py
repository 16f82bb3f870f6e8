"""Trainings that ended early, and what becomes of them."""

import pytest
import torch
from conftest import STOPS
from tiny_training import STEPS


def assert_same(runs, out, expected):
    """Weights and log, bit for bit."""
    assert runs.outcome(out)["error"] is None
    assert runs.rows(out) == runs.rows(expected)
    found = runs.weights(out)
    for name, value in runs.weights(expected).items():
        assert torch.equal(found[name], value), name


def test_the_log_has_each_step_once(runs):
    assert [row["step"] for row in runs.rows("whole")] == list(range(STEPS))


@pytest.mark.parametrize("moment", STOPS)
def test_a_stopped_training_ends_as_if_it_had_never_stopped(moment, runs):
    assert runs.outcome(moment)["error"] == f"Stopped: before step {STOPS[moment]}"
    assert len(runs.rows(moment)) == STOPS[moment]
    assert len(runs.outcome(f"{moment}, resumed")["norms"]) == STEPS - STOPS[moment] + 1
    assert_same(runs, f"{moment}, resumed", "whole")


def test_a_killed_training_ends_as_if_it_had_lived(runs):
    assert not (runs.folder / "killed" / "outcome.json").exists()
    assert len(runs.outcome("killed, resumed")["norms"]) == STEPS - 4
    assert_same(runs, "killed, resumed", "whole")


def test_without_zero_a_stopped_training_is_resumed_as_well(runs):
    assert_same(runs, "zero0 stopped, resumed", "zero0")


def test_two_processes_resume_what_two_left(runs):
    assert len(runs.outcome("stopped of two")["norms"]) == STEPS - 4
    assert_same(runs, "stopped of two", "whole of two")


def test_a_half_written_checkpoint_is_not_read(runs):
    folder = runs.folder / "before, resumed" / "checkpoints"
    assert (folder / "step-0000008").is_dir()
    assert_same(runs, "before, resumed", "whole")


def test_the_two_newest_checkpoints_are_kept(runs):
    names = sorted(path.name for path in (runs.folder / "whole" / "checkpoints").iterdir())
    assert names == ["step-0000006", "step-0000008"]


def test_a_checkpoint_of_another_number_of_processes_is_refused(runs):
    error = runs.outcome("left by two, resumed")["error"]
    assert error.startswith("ValueError: ")
    assert "\n" not in error
    assert "step-0000004 was written by 2 processes, this run has 1; start 2" in error


def test_a_loss_that_is_not_finite_stops_the_training_and_names_step_terms_and_files(runs):
    error = runs.outcome("spoilt")["error"]
    assert error.startswith("TrainingError: the loss of step 5 is not finite")
    assert "\n" not in error
    assert "latent_nce nan" in error and "step5-clip7.mp4" in error
    assert len(runs.rows("spoilt")) == 5


def test_in_two_processes_both_stop(runs):
    assert runs.outcome("spoilt of two")["error"].startswith("TrainingError: the loss of step 5")


def test_the_weights_saved_before_a_spoilt_batch_are_intact(runs):
    assert_same(runs, "spoilt, resumed", "whole")
