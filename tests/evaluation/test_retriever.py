"""One model, or one per branch."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from PIL import Image
from tiny import ENTRIES, IMAGE, WORDS, model_config, randomise

from unify.config import DataConfig, EvaluationConfig, FusionConfig, InitConfig, RunConfig
from unify.data.example import Example
from unify.data.tokens import shared_tokenizer
from unify.evaluation.retriever import Trained, of_model, of_run
from unify.records import RunDirectory
from unify.systems.unify import Unify
from unify.systems.weights import write_weights

CPU = torch.device("cpu")
EVALUATION = EvaluationConfig(num_frames=1, batch_size=2)


def config(branches, stem_depth=1):
    return RunConfig(
        model=model_config(branches=branches, stem_depth=stem_depth),
        data=DataConfig(image_size=IMAGE, max_tokens=8, num_frames=1),
        init=InitConfig(text="random", video="random"),
        evaluation=EVALUATION,
    )


def trained(made, folder):
    """A run directory with random weights."""
    model = Unify(made.model, ENTRIES).eval()
    randomise(model)
    directory = RunDirectory.create(folder, made, label="x", sweep="test", parents={})
    write_weights(model.state_dict(), directory.model_path)
    return model, directory


@pytest.fixture
def examples(tmp_path, seed):
    words = shared_tokenizer().words
    made = []
    for k in range(5):
        path = tmp_path / f"{k}.png"
        Image.effect_noise((IMAGE, IMAGE), 50 + 20 * k).convert("RGB").save(path)
        said = " ".join(words[WORDS[int(n)]] for n in torch.randint(len(WORDS), (3,)))
        made.append(Example(f"clip{k}", path, (said,), is_image=True))
    return made


def test_a_fusion_takes_each_branch_from_its_own_training(examples, tmp_path):
    latent, latent_run = trained(config("latent"), tmp_path / "latent")
    lexicon, lexicon_run = trained(config("lexicon", stem_depth=0), tmp_path / "lexicon")
    directory = RunDirectory.create(
        tmp_path / "fused",
        FusionConfig(latent=config("latent"), lexicon=config("lexicon", 0), evaluation=EVALUATION),
        label="fused",
        sweep="test",
        parents={"latent": latent_run.path, "lexicon": lexicon_run.path},
    )
    found = of_run(directory, CPU).encode(examples)
    alone = {
        "latent": of_model(latent, config("latent"), CPU).encode(examples),
        "lexicon": of_model(lexicon, config("lexicon", 0), CPU).encode(examples),
    }
    for side in ("video", "text"):
        for branch, expected in alone.items():
            ours = getattr(getattr(found, side), branch)
            assert torch.equal(ours, getattr(getattr(expected, side), branch))
    assert found.clip_of.tolist() == list(range(5))


def test_a_fusion_of_one_training_with_itself_is_that_training(examples, tmp_path):
    model, run = trained(config("both"), tmp_path / "both")
    directory = RunDirectory.create(
        tmp_path / "fused",
        FusionConfig(latent=config("both"), lexicon=config("both"), evaluation=EVALUATION),
        label="fused",
        sweep="test",
        parents={"latent": run.path, "lexicon": run.path},
    )
    retriever = of_run(directory, CPU)
    assert retriever.branches["latent"] is retriever.branches["lexicon"]
    found, expected = (
        made.encode(examples) for made in (retriever, of_model(model, config("both"), CPU))
    )
    for side in ("video", "text"):
        for branch in ("latent", "lexicon"):
            ours, theirs = (getattr(getattr(made, side), branch) for made in (found, expected))
            assert torch.equal(ours, theirs)


def test_it_tells_of_every_clip_and_text_that_each_model_has_encoded(examples):
    one, other = (Unify(config("both").model, ENTRIES) for _ in range(2))
    made = of_model(one, config("both"), CPU)
    both = {"latent": made.branches["latent"], "lexicon": Trained(other, config("both"))}
    for branches, models in ((made.branches, 1), (both, 2)):
        seen = []
        telling = replace(made, branches=branches, encoded=seen.append)
        telling.encode(examples)
        assert telling.models == models
        assert sum(seen) == models * 2 * len(examples)
        assert max(seen) <= EVALUATION.batch_size


@pytest.mark.parametrize("branch", ["latent", "lexicon"])
def test_a_model_of_one_branch_has_no_other(examples, branch):
    model = Unify(config(branch).model, ENTRIES)
    retriever = of_model(model, config(branch), CPU)
    found = retriever.encode(examples)
    assert set(retriever.branches) == {branch}
    assert (retriever.vocabulary is None) == (branch == "latent")
    other = {"latent": "lexicon", "lexicon": "latent"}[branch]
    assert getattr(found.video, other) is None is getattr(found.text, other)


def test_a_fusion_whose_training_lost_its_weights_is_refused(examples, tmp_path):
    _, run = trained(config("both"), tmp_path / "both")
    run.model_path.unlink()
    directory = RunDirectory.create(
        tmp_path / "fused",
        FusionConfig(latent=config("both"), lexicon=config("both")),
        label="fused",
        sweep="test",
        parents={"latent": run.path, "lexicon": run.path},
    )
    with pytest.raises(ValueError, match=r"both/model\.safetensors is missing"):
        of_run(directory, CPU)


def test_places_are_read_from_the_trainings(tmp_path):
    made = of_model(Unify(config("both").model, ENTRIES), config("both"), CPU)
    assert Path(made.data.root) == Path(config("both").data.root)
