"""A finished run's weights back into a model."""

import pytest
import torch
from tiny import ENTRIES, captions, clips, model_config, randomise

from unify.config import InitConfig, RunConfig, TextRecipe, WarmStartConfig, WorldConfig
from unify.records import RunDirectory
from unify.systems.trained import load_model
from unify.systems.unify import Unify
from unify.systems.weights import write_weights


def directory_of(config, path):
    return RunDirectory.create(path, config, label="N=1", sweep="test", parents={})


def run_config(**model):
    start = InitConfig(text="random", video="random")
    return RunConfig(model=model_config(**model), init=start)


@pytest.mark.parametrize("branches", ["both", "latent", "lexicon"])
def test_a_runs_weights_give_identical_outputs(branches, tmp_path, seed):
    config = run_config(branches=branches, stem_depth=2, lexicon={"video_adapter": "linear"})
    model = Unify(config.model, ENTRIES).eval()
    randomise(model)
    directory = directory_of(config, tmp_path / "run")
    write_weights(model.state_dict(), directory.model_path)
    found = load_model(directory)
    assert not found.training
    video, text = clips(2), captions(3)
    for ours, theirs in (
        (found.encode_video(video), model.encode_video(video)),
        (found.encode_text(*text), model.encode_text(*text)),
    ):
        for name in ("latent", "lexicon"):
            if branches in ("both", name):
                assert torch.equal(getattr(ours, name), getattr(theirs, name))
            else:
                assert getattr(ours, name) is None


def test_a_run_without_weights_is_refused(tmp_path):
    directory = directory_of(run_config(), tmp_path / "run")
    with pytest.raises(ValueError, match=r"model\.safetensors is missing; finish the run first"):
        load_model(directory)


def test_a_warm_start_is_refused(tmp_path):
    config = WarmStartConfig(
        part="text",
        seed=0,
        world=WorldConfig(),
        depth=2,
        encoder=model_config().text,
        recipe=TextRecipe(),
    )
    with pytest.raises(ValueError, match="is no training of UNIFY; give the directory of one"):
        load_model(directory_of(config, tmp_path / "text"))
