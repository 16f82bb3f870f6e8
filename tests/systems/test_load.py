"""`unify.load` gives a finished run's model, and notices damage."""

import subprocess
import sys

import pytest
import torch
from safetensors.torch import load_file, save_file
from tiny import ENTRIES, captions, clips, model_config, randomise

import unify
from unify.config import InitConfig, RunConfig
from unify.records import RunDirectory
from unify.systems.unify import Unify
from unify.systems.weights import write_weights

ALONE = """
import sys
sys.modules["deepspeed"] = None  # as if it were not installed
import unify
model = unify.load(sys.argv[1])
assert not model.training and not any(name.startswith("deepspeed.") for name in sys.modules)
print(sum(parameter.double().sum().item() for parameter in model.parameters()))
"""


@pytest.fixture
def run(tmp_path, seed):
    """A finished run of random weights."""
    config = RunConfig(model=model_config(), init=InitConfig(text="random", video="random"))
    directory = RunDirectory.create(tmp_path / "run", config, label="N=1", sweep="x", parents={})
    model = Unify(config.model, ENTRIES)
    randomise(model)
    weights = write_weights(model.state_dict(), directory.model_path)
    metrics = {"signature": directory.meta()["signature"], "metrics": []}
    directory.finish({**metrics, "weights": {"file": "model.safetensors", **weights.record()}})
    return directory, model.eval()


def test_a_run_directory_gives_a_ready_model(run):
    directory, model = run
    found, video, text = unify.load(str(directory.path)), clips(2), captions(3)
    assert not found.training
    assert torch.equal(found.encode_video(video).latent, model.encode_video(video).latent)
    assert torch.equal(found.encode_text(*text).lexicon, model.encode_text(*text).lexicon)


def test_deepspeed_is_not_needed(run):
    directory, model = run
    command = [sys.executable, "-c", ALONE, str(directory.path)]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert float(said) == sum(p.double().sum().item() for p in model.parameters())


def test_other_weights_than_the_results_are_refused(run):
    directory, _ = run
    state = load_file(directory.model_path)
    name = next(name for name in state if state[name].is_floating_point())
    state[name].view(-1)[0] += 1e-3
    save_file(state, directory.model_path)
    with pytest.raises(ValueError, match=r"changed since it was written.*delete it") as caught:
        unify.load(directory.path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("lost", ["model.safetensors", "config.json"])
def test_what_is_missing_is_named(run, lost):
    directory, _ = run
    (directory.path / lost).unlink()
    with pytest.raises(ValueError, match=rf"{lost} is missing"):
        unify.load(directory.path)
