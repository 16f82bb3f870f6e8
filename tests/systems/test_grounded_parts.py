"""What stage 1 freezes: all that the lexicon text representation is made of, and no more."""

import pytest
import torch
from tiny import DEPTH, ENTRIES, captions, model_config, randomise

from unify.systems.unify import Unify

ALWAYS = ("text.embeddings.", "text.stem.", "text.branches.lexicon.")
LATENT_BLOCKS = ("text.branches.latent.",)
HEAD = ("lexicon_head.",)


def grounded(model, *, latent_text_blocks=False, lexicon_head=True):
    parts = model.grounded_parts(latent_text_blocks=latent_text_blocks, lexicon_head=lexicon_head)
    return {id(parameter) for part in parts for parameter in part.parameters()}


@pytest.mark.parametrize("branches", ["both", "latent", "lexicon"])
@pytest.mark.parametrize("stem_depth", [0, 1, DEPTH])
@pytest.mark.parametrize("latent_text_blocks", [False, True])
@pytest.mark.parametrize("lexicon_head", [False, True])
def test_exactly_the_named_parts_are_frozen(branches, stem_depth, latent_text_blocks, lexicon_head):
    model = Unify(model_config(branches=branches, stem_depth=stem_depth), ENTRIES)
    prefixes = ALWAYS + latent_text_blocks * LATENT_BLOCKS + lexicon_head * HEAD
    if branches == "latent":  # no lexicon branch to ground
        prefixes = ()
    expected = {name for name, _ in model.named_parameters() if name.startswith(prefixes)}
    frozen = grounded(model, latent_text_blocks=latent_text_blocks, lexicon_head=lexicon_head)
    assert {name for name, p in model.named_parameters() if id(p) in frozen} == expected


@pytest.mark.parametrize("stem_depth", range(DEPTH + 1))
def test_no_other_parameter_moves_the_lexicon_representation_of_a_text(stem_depth, seed):
    model, text = Unify(model_config(stem_depth=stem_depth), ENTRIES).eval(), captions(3)
    randomise(model)
    before, frozen = model.encode_text(*text), grounded(model)
    with torch.no_grad():
        for parameter in model.parameters():
            if id(parameter) not in frozen:
                parameter.normal_()
    after = model.encode_text(*text)
    assert torch.equal(after.lexicon, before.lexicon)
    assert not torch.allclose(after.latent, before.latent)


def test_the_heads_that_no_published_weights_exist_for_are_never_frozen():
    model = Unify(model_config(lexicon={"video_adapter": "linear", "video_bias": 1.0}), ENTRIES)
    heads = {id(parameter) for parameter in model.head_parameters()}
    names = {name for name, p in model.named_parameters() if id(p) in heads}
    assert {name.split(".")[0] for name in names} == {"video_head", "text_head", "video_adapter"}
    assert "video_adapter.bias" in names
    assert not heads & grounded(model, latent_text_blocks=True)
