"""Which action a clip shows: ranks of class names, by hand."""

from dataclasses import replace

import pytest
import torch
from PIL import Image
from tiny import ENTRIES, IMAGE, WORDS, model_config, randomise

from unify.config import DataConfig, EvaluationConfig, InitConfig, RunConfig
from unify.data.corpora import ActionSplit
from unify.data.example import ActionExample
from unify.data.tokens import shared_tokenizer
from unify.evaluation.actions import recognise
from unify.evaluation.retriever import of_model
from unify.losses.contrastive import cosine
from unify.systems.unify import Unify

CPU = torch.device("cpu")
CLASSES, CLIPS = 7, 20


@pytest.fixture
def split(tmp_path, seed):
    """Images of random classes, the last of which none shows; names are words of the model."""
    words = shared_tokenizer().words
    whole = [words[entry] for entry in WORDS if words[entry].isalpha()]
    names = [whole[n] for n in torch.randperm(len(whole))[:CLASSES].tolist()]
    clips = []
    for k in range(CLIPS):
        path = tmp_path / f"{k}.png"
        Image.effect_noise((IMAGE, IMAGE), 20 + 10 * k).convert("RGB").save(path)
        clips.append(
            ActionExample(f"{k}", path, int(torch.randint(CLASSES - 1, ())), is_image=True)
        )
    return ActionSplit(clips, [], classes=tuple(names))


def retriever(**evaluation):
    config = RunConfig(
        model=model_config(),
        data=DataConfig(image_size=IMAGE, max_tokens=8, num_frames=1),
        init=InitConfig(text="random", video="random"),
        evaluation=EvaluationConfig(num_frames=1, batch_size=3, **evaluation),
    )
    model = Unify(config.model, ENTRIES)
    randomise(model)
    return of_model(model.eval(), config, CPU)


def values(recognised, representation):
    return {
        row["metric"]: row["value"]
        for row in recognised.metrics
        if row["representation"] == representation
    }


def test_top_1_and_top_5_are_those_of_the_plain_ranking(split):
    made = retriever()
    found = recognise(made, split)
    texts, clips = made.texts(split.classes), made.clips(split.examples)
    labels = torch.tensor([clip.label for clip in split.examples])
    for name in ("latent", "lexicon"):
        order = cosine(getattr(texts, name), getattr(clips, name)).T.argsort(1, descending=True)
        hits = order == labels[:, None]
        expected = {f"top-{k}": 100 * hits[:, :k].any(1).float().mean().item() for k in (1, 5)}
        assert values(found, name) == pytest.approx(expected)
    assert {row["queries"] for row in found.metrics} == {CLIPS}
    assert {row["direction"] for row in found.metrics} == {"v2t"}


def test_the_classes_weighted_by_their_clips_give_top_1(split):
    found = recognise(retriever(), split)
    assert sum(each["clips"] for each in found.classes) == CLIPS
    assert [each["name"] for each in found.classes] == list(split.classes)
    for name in ("latent", "lexicon", "fused"):
        right = sum(each["clips"] * each[name] for each in found.classes if each["clips"])
        assert right / CLIPS == pytest.approx(values(found, name)["top-1"])
    empty = found.classes[-1]
    assert empty["clips"] == 0 and "fused" not in empty


def test_templates_are_averaged_and_their_order_does_not_matter(split):
    words = shared_tokenizer().words
    templates = tuple(f"{words[WORDS[k]]} {{}}" for k in (3, 5))
    made = retriever(templates=templates)
    turned = replace(made, evaluation=replace(made.evaluation, templates=templates[::-1]))
    alone = replace(made, evaluation=replace(made.evaluation, templates=("{}",)))
    for name in ("latent", "lexicon", "fused"):
        one, other = (values(recognise(each, split), name) for each in (made, turned))
        assert one == pytest.approx(other)
    assert recognise(made, split).classes != recognise(alone, split).classes


def test_names_are_asked_for_as_words(split):
    made = retriever()
    spelt = replace(split, classes=tuple(name.title() for name in split.classes))
    assert recognise(made, spelt).metrics == recognise(made, split).metrics
