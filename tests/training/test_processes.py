"""W processes do what one does on the same global batch."""

import pytest
import torch
from processes import assert_same_weights, assert_trained_alike
from safetensors.torch import load_file
from tiny_training import BATCH, GROUNDING, STEPS, batch


def terms(row):
    return {k: v for k, v in row.items() if not k.endswith(("_active", "_zero_share"))}


def test_the_two_processes_have_different_numbers_of_masked_words(runs):
    for step in range(GROUNDING, STEPS):
        made = batch(runs.seed, step)
        rows = made.mlm_places // made.ids.shape[1]
        first, second = (rows < BATCH // 2).sum(), (rows >= BATCH // 2).sum()
        assert first != second or step % 2 == 0
        assert step % 2 == 0 or second == 0


@pytest.mark.parametrize("step", [1, 5], ids=["stage 1", "stage 2"])
def test_two_processes_have_the_terms_and_gradients_of_one(step, runs):
    alone, two = (f"gradients{step}{of}" for of in ("", " of two"))
    assert runs.outcome(two) == pytest.approx(runs.outcome(alone), rel=1e-5)
    assert ("mlm" in runs.outcome(two)) == (step >= GROUNDING)
    expected, found = (load_file(runs.folder / o / "gradients.safetensors") for o in (alone, two))
    assert found.keys() == expected.keys()
    largest = max(float(value.abs().max()) for value in expected.values())
    for name, value in found.items():
        # float32 sums in another order, under temperatures that divide by 0.05
        torch.testing.assert_close(value, expected[name], rtol=1e-4, atol=1e-6 * largest, msg=name)


def assert_as_one(runs, of):
    alone = of.split()[0]
    assert runs.outcome(of)["error"] is None
    for row, expected in zip(runs.rows(of), runs.rows(alone), strict=True):
        assert terms(row) == pytest.approx(terms(expected), rel=1e-5)
    assert runs.outcome(of)["norms"] == pytest.approx(runs.outcome(alone)["norms"], rel=5e-5)
    assert_same_weights(runs.weights(of), runs.weights(alone))
    assert_trained_alike(runs.weights(of), runs.weights(alone), runs.weights(alone, "stage-1"))


@pytest.mark.parametrize("of", ["zero0 of two", "zero1 of two", "zero2 of two"])
def test_two_processes_train_as_one_does(of, runs):
    assert_as_one(runs, of)


@pytest.mark.slow
def test_four_processes_train_as_one_does(more_runs):
    assert_as_one(more_runs, "zero2 of four")


def test_some_but_not_all_of_the_variables_that_name_processes_are_refused(runs):
    said = runs.outcome("joins")
    assert len(said) == 3
    for given, message in said.items():
        assert "\n" not in message
        assert "MASTER_PORT" in message and "torchrun" in message
        assert given.split()[0] in message
