"""Parameter groups: every parameter once, decay on matrices only."""

import pytest
import torch
from tiny import ENTRIES, model_config
from torch import nn

from unify.systems.unify import Unify
from unify.training.groups import parameter_groups

DECAY = 0.05
VECTORS = (".bias", "norm.weight", "norm1.weight", "norm2.weight", "LayerNorm.weight", "cls_token")


@pytest.fixture
def model():
    lexicon = {"video_adapter": "linear", "video_bias": 1.0}
    return Unify(model_config(lexicon=lexicon), ENTRIES)


def groups_of(model, **changes):
    parts = model.grounded_parts(latent_text_blocks=False, lexicon_head=True)
    grounded = [parameter for part in parts for parameter in part.parameters()]
    kinds = {"grounded": grounded, "heads": model.head_parameters(), "head_scale": 5.0}
    return parameter_groups(model, weight_decay=DECAY, **(kinds | changes))


def by_name(model, groups):
    """The group of each parameter; a parameter in two groups fails."""
    group_of = {}
    for group in groups:
        for parameter in group["params"]:
            assert id(parameter) not in group_of
            group_of[id(parameter)] = group
    return {name: group_of.pop(id(p)) for name, p in model.named_parameters()}


def test_every_parameter_is_in_exactly_one_group_tied_ones_too(model):
    groups = groups_of(model)
    assert by_name(model, groups).keys() == dict(model.named_parameters()).keys()
    count = sum(len(group["params"]) for group in groups)
    assert count == len(list(model.parameters()))
    assert model.lexicon_head.embeddings.weight is model.text.embeddings.bert.word_embeddings.weight


def test_matrices_decay_and_biases_norms_and_other_vectors_do_not(model):
    for name, group in by_name(model, groups_of(model)).items():
        is_vector = name.endswith(VECTORS)
        assert group["weight_decay"] == (0.0 if is_vector else DECAY), name


def test_the_heads_rate_is_scaled_and_no_other(model):
    for name, group in by_name(model, groups_of(model)).items():
        is_head = name.startswith(("video_head.", "text_head.", "video_adapter."))
        assert group["scale"] == (5.0 if is_head else 1.0), name


def test_what_stage_1_freezes_is_marked(model):
    frozen = ("text.embeddings.", "text.stem.", "text.branches.lexicon.", "lexicon_head.")
    for name, group in by_name(model, groups_of(model)).items():
        assert group["grounded"] == name.startswith(frozen), name


def test_parameters_of_one_group_share_everything(model):
    kinds = [tuple(v for k, v in g.items() if k != "params") for g in groups_of(model)]
    assert len(kinds) == len(set(kinds))


def test_a_plain_model_has_two_groups():
    layer = nn.Sequential(nn.Linear(3, 4), nn.LayerNorm(4))
    groups = parameter_groups(layer, weight_decay=0.1)
    assert [len(group["params"]) for group in groups] == [3, 1]
    torch.optim.AdamW(groups)
