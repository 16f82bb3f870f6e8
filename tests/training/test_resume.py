"""Trainings that ended early, and what becomes of them."""

import pytest
import torch
from conftest import DAMAGES, STOPS
from processes import assert_same_weights, assert_trained_alike
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


def assert_gone_on(runs, out):
    """From step 4, with the same global batches, as undisturbed but for rounding."""
    assert runs.outcome(out)["error"] is None
    assert len(runs.outcome(out)["norms"]) == STEPS - 4
    assert [row["step"] for row in runs.rows(out)] == list(range(STEPS))
    for row, expected in zip(runs.rows(out), runs.rows("zero2"), strict=True):
        assert row["loss"] == pytest.approx(expected["loss"], rel=1e-5)
    assert_same_weights(runs.weights(out), runs.weights("zero2"))
    assert_trained_alike(runs.weights(out), runs.weights("zero2"), runs.weights("zero2", "stage-1"))


@pytest.mark.parametrize("out", ["left by two, resumed", "left by one, resumed by two"])
def test_another_number_of_processes_goes_on_from_a_checkpoint(out, runs):
    assert_gone_on(runs, out)


@pytest.mark.slow
def test_four_processes_go_on_from_a_checkpoint_of_two(more_runs):
    out = "left by two, resumed by four"
    assert_gone_on(more_runs, out)
    noted = [more_runs.outcome(out, rank)["replaced"] for rank in range(4)]
    assert sum(noted) == 2 * 4 + 4 * (STEPS - 4)


def test_what_a_checkpoint_notes_is_neither_lost_nor_doubled(runs):
    assert runs.outcome("killed, resumed")["replaced"] == STEPS
    assert runs.outcome("left by two, resumed")["replaced"] == 2 * 4 + STEPS - 4
    by_two = [runs.outcome("left by one, resumed by two", rank)["replaced"] for rank in range(2)]
    assert sum(by_two) == 4 + 2 * (STEPS - 4)


@pytest.mark.parametrize("damage", [name for name in DAMAGES if name != "another format"])
def test_a_damaged_checkpoint_is_not_used(damage, runs):
    begun = 0 if damage == "all damaged" else 2
    assert len(runs.outcome(damage)["norms"]) == STEPS - begun
    assert_same(runs, damage, "whole")


def test_a_checkpoint_of_another_version_is_refused_and_kept(runs):
    error = runs.outcome("another format")["error"]
    assert error.startswith("OtherFormat: ")
    assert "step-0000004 has format 2, this version reads 1; go on with the version" in error
    assert "\n" not in error
    assert (runs.folder / "another format/checkpoints/step-0000004").is_dir()


def test_where_one_process_cannot_write_a_checkpoint_all_end_and_nothing_is_lost(runs):
    said = [runs.outcome("no room", rank)["error"] for rank in range(2)]
    assert "File too large" in said[0] and "File too large" in said[1]
    assert said[0].startswith("PeerFailed: process 1 of this run failed")
    kept = sorted(path.name for path in (runs.folder / "no room" / "checkpoints").iterdir())
    assert kept == ["step-0000002", "step-0000004"]
    assert len(runs.outcome("no room, resumed")["norms"]) == STEPS - 4
    assert_same(runs, "no room, resumed", "whole of two")


@pytest.mark.parametrize("out", [*STOPS, "killed"])
def test_tensorboard_has_each_step_once_however_often_a_training_was_stopped(out, runs):
    found = runs.curves(f"{out}, resumed")
    assert found == runs.curves("whole")
    assert len({(tag, step) for tag, step, _ in found}) == len(found)
    assert {("training/loss", step) for step in range(STEPS)} <= {place[:2] for place in found}


@pytest.mark.parametrize("out", ["spoilt gradient", "spoilt gradient without zero"])
def test_a_gradient_that_is_not_finite_stops_the_training(out, runs):
    error = runs.outcome(out)["error"]
    assert error.startswith("TrainingError: the gradient of step 5 is not finite")
    assert len(runs.rows(out)) == 5


def test_the_weights_saved_before_a_spoilt_gradient_are_intact(runs):
    assert_same(runs, "spoilt gradient, resumed", "whole")


def test_a_loss_that_is_not_finite_stops_the_training_and_names_step_terms_and_files(runs):
    error = runs.outcome("spoilt")["error"]
    assert error.startswith("TrainingError: the loss of step 5 is not finite")
    assert "\n" not in error
    assert (
        "latent_nce nan" in error
        and "step5-clip0.mp4" in error
        and "and 5 more (see the log)" in error
    )
    assert len(runs.rows("spoilt")) == 5


def test_in_two_processes_both_stop_and_name_the_files_of_both(runs):
    said = {runs.outcome("spoilt of two", rank)["error"] for rank in range(2)}
    assert len(said) == 1
    error = said.pop()
    assert error.startswith("TrainingError: the loss of step 5")
    assert "step5-clip0.mp4" in error and "and 5 more (see the log)" in error


def test_the_weights_saved_before_a_spoilt_batch_are_intact(runs):
    assert_same(runs, "spoilt, resumed", "whole")
