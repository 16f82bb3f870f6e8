"""Published weights into the streams: what is refused, and what a file brings back."""

import pytest
import torch
from timm.models import VisionTransformer
from tiny import DEPTH, ENTRIES, IMAGE, PATCH, captions, clips, model_config, randomise
from transformers import BertForMaskedLM

from unify.models.text import bert_config
from unify.systems.unify import Unify
from unify.systems.weights import load_bert, load_vit, read_weights, write_weights


def bert_state(entries=ENTRIES, depth=DEPTH, **text):
    sizes = bert_config(model_config(text=text).text, len(entries))
    sizes.num_hidden_layers = depth
    return BertForMaskedLM(sizes).state_dict()


def vit_state(**sizes):
    defaults = {"img_size": IMAGE, "patch_size": PATCH, "embed_dim": 16, "depth": DEPTH}
    kinds = {"num_heads": 2, "mlp_ratio": 2, "num_classes": 7}
    return VisionTransformer(**(defaults | kinds | sizes)).state_dict()


def without(state, name):
    return {k: v for k, v in state.items() if k != name}


def refused(load, *arguments):
    """The one-line message with which a state is refused."""
    with pytest.raises(ValueError) as found:
        load(*arguments)
    message = str(found.value)
    assert "\n" not in message
    return message


@pytest.fixture
def model():
    return Unify(model_config(), ENTRIES)


def test_weights_of_another_size_are_refused_by_name_and_size(model):
    message = refused(load_bert, model, bert_state(mlp_width=24), ENTRIES)
    assert "BERT weights" in message and "layer.0.intermediate.dense" in message
    assert "24" in message and "32" in message
    message = refused(load_vit, model, vit_state(img_size=2 * IMAGE))
    assert "pos_embed" in message and "(1, 17, 16)" in message and "(1, 5, 16)" in message


def test_missing_names_are_refused(model):
    message = refused(load_vit, model, without(vit_state(), "blocks.2.attn.proj.bias"))
    assert "lack" in message and "attn.proj.bias" in message
    name = "bert.encoder.layer.0.output.dense.weight"
    assert "output.dense.weight" in refused(load_bert, model, without(bert_state(), name), ENTRIES)
    assert "lexicon_head" in refused(
        load_bert, model, without(bert_state(), "cls.predictions.bias"), ENTRIES
    )
    assert "blocks" in refused(load_vit, model, vit_state(depth=DEPTH - 1))


@pytest.mark.parametrize("name", ["bert.embeddings.novel.weight", "cls.predictions.novel"])
def test_unknown_names_of_a_bert_are_refused(name, model):
    assert name in refused(load_bert, model, bert_state() | {name: torch.zeros(1)}, ENTRIES)


@pytest.mark.parametrize("name", ["blocks.0.attn.q_norm.weight", "reg_token"])
def test_unknown_names_of_a_vit_are_refused(name, model):
    assert name in refused(load_vit, model, vit_state() | {name: torch.zeros(1)})


def test_weights_deeper_than_the_model_are_refused_rather_than_cut(model):
    assert "layer.3" in refused(load_bert, model, bert_state(depth=DEPTH + 1), ENTRIES)
    assert "blocks.3" in refused(load_vit, model, vit_state(depth=DEPTH + 1))


def test_biases_that_the_model_does_not_have_are_refused():
    model = Unify(model_config(video={"qkv_bias": False}), ENTRIES)
    assert "qkv.bias" in refused(load_vit, model, vit_state())


def test_a_state_without_the_models_word_pieces_is_refused(model):
    message = refused(load_bert, model, bert_state(ENTRIES[:-2]), ENTRIES[:-2])
    assert "lack 2 of the word pieces" in message


def test_parts_that_the_streams_have_no_place_for_are_listed_as_unused(model):
    extra = {
        "bert.pooler.dense.weight": torch.zeros(16, 16),
        "cls.seq_relationship.bias": torch.zeros(2),
        "bert.embeddings.position_ids": torch.arange(16)[None],
    }
    loaded = load_bert(model, bert_state() | extra, ENTRIES)
    decoder = {"cls.predictions.decoder.weight", "cls.predictions.decoder.bias"}
    assert set(loaded.unused) == {*extra, *decoder}
    assert load_vit(model, vit_state()).unused == ["head.bias", "head.weight"]


def test_every_parameter_that_has_a_published_value_is_filled(model):
    text = load_bert(model, bert_state(), ENTRIES).parameters
    video = load_vit(model, vit_state()).parameters
    own = {"temporal": 0, "_head.": 0}
    for name, _ in model.named_parameters():
        for part in own:
            own[part] += part in name and not name.startswith("lexicon_head")
    assert text + video + sum(own.values()) == len(list(model.parameters()))


@pytest.mark.parametrize("branches", ["latent", "lexicon"])
def test_models_of_one_branch_take_the_same_weights(branches, seed):
    model = Unify(model_config(branches=branches), ENTRIES)
    load_bert(model, bert_state(), ENTRIES)
    load_vit(model, vit_state())


def test_a_written_model_gives_identical_outputs_when_read(model, tmp_path, seed):
    randomise(model)
    path = tmp_path / "model.safetensors"
    write_weights(model.state_dict(), path)
    state, ids = read_weights(path)
    other = Unify(model_config(), ENTRIES)
    other.load_state_dict(state)
    assert ids is None
    video, text = clips(2), captions(3)
    for ours, theirs in (
        (other.encode_video(video), model.encode_video(video)),
        (other.encode_text(*text), model.encode_text(*text)),
    ):
        assert torch.equal(ours.latent, theirs.latent)
        assert torch.equal(ours.lexicon, theirs.lexicon)


def test_a_file_keeps_the_bert_ids_of_its_word_rows(model, tmp_path, seed):
    path = tmp_path / "text.safetensors"
    state = bert_state()
    write_weights(state, path, torch.tensor(ENTRIES))
    found, ids = read_weights(path)
    assert ids == list(ENTRIES)
    assert found.keys() == state.keys()
    assert all(torch.equal(found[name], value) for name, value in state.items())
    assert [p.name for p in tmp_path.iterdir()] == [path.name], "nothing half-written stays"
