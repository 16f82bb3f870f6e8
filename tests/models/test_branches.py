"""What the two branches share at each stem depth, and models of one branch."""

import pytest
import torch
from tiny import DEPTH, ENTRIES, captions, clips, model_config, randomise

from unify.systems.unify import Unify


def random_model(**config):
    model = Unify(model_config(**config), ENTRIES).eval()
    randomise(model)
    return model


def features(model):
    """Last hidden states by branch, of each stream."""
    return [model.video(clips(2)), model.text(captions(3))]


def test_with_the_deepest_stem_both_branches_have_identical_features(seed):
    model = random_model(stem_depth=DEPTH)
    for found in features(model):
        assert torch.equal(found["latent"], found["lexicon"])
    assert not list(model.video.branches.parameters())
    assert not list(model.text.branches.parameters())


@pytest.mark.parametrize("stem_depth", range(DEPTH))
def test_with_blocks_of_their_own_branches_have_their_own_features(stem_depth, seed):
    for found in features(random_model(stem_depth=stem_depth)):
        assert not torch.allclose(found["latent"], found["lexicon"])


def test_without_a_stem_the_branches_share_no_block(seed):
    model = random_model(stem_depth=0)
    for stream in (model.video, model.text):
        assert not list(stream.stem.parameters())
        latent, lexicon = (
            {id(p) for p in stream.branches[name].parameters()} for name in ("latent", "lexicon")
        )
        assert latent and lexicon and not latent & lexicon


@pytest.mark.parametrize("stem_depth", range(DEPTH + 1))
def test_every_way_from_input_to_head_has_the_same_depth(stem_depth):
    model = Unify(model_config(stem_depth=stem_depth), ENTRIES)
    for stream in (model.video, model.text):
        assert len(stream.stem.blocks) == stem_depth
        for branch in stream.branches.values():
            assert len(branch.blocks) == DEPTH - stem_depth


def test_one_branchs_blocks_and_head_leave_the_other_branch_alone(seed):
    model, video, text = random_model(), clips(2), captions(3)
    before = model.encode_video(video).lexicon, model.encode_text(*text).lexicon
    for part in (model.video.branches["latent"], model.text.branches["latent"]):
        randomise(part)
    for part in (model.video_head, model.text_head):
        randomise(part)
    after = model.encode_video(video).lexicon, model.encode_text(*text).lexicon
    assert all(map(torch.equal, before, after))


@pytest.mark.parametrize(("kept", "absent"), [("latent", "lexicon"), ("lexicon", "latent")])
def test_a_model_of_one_branch_is_that_branch_of_the_whole_model(kept, absent, seed):
    whole = random_model()
    single = Unify(model_config(branches=kept), ENTRIES).eval()
    missing, _ = single.load_state_dict(whole.state_dict(), strict=False)
    assert not missing
    assert sum(p.numel() for p in single.parameters()) < sum(p.numel() for p in whole.parameters())
    video, text = clips(2), captions(3)
    for ours, theirs in (
        (single.encode_video(video), whole.encode_video(video)),
        (single.encode_text(*text), whole.encode_text(*text)),
    ):
        assert torch.equal(getattr(ours, kept), getattr(theirs, kept))
        assert getattr(ours, absent) is None


def test_the_lexicon_head_is_the_word_embeddings_of_the_text_stream(seed):
    model = random_model()
    words = model.text.embeddings.bert.word_embeddings.weight
    assert model.lexicon_head.embeddings.weight is words
    model.encode_video(clips(2)).lexicon.sum().backward()
    assert words.grad.abs().sum() > 0


def test_representations_have_the_heads_sizes_and_the_lexicon_is_not_negative(seed):
    model = random_model()
    for found, count in (
        (model.encode_video(clips(2)), 2),
        (model.encode_text(*captions(3)), 3),
    ):
        assert found.latent.shape == (count, 8)
        assert found.lexicon.shape == (count, len(ENTRIES))
        assert found.lexicon.min() >= 0


@pytest.mark.parametrize("stem_depth", [0, 1, DEPTH])
@pytest.mark.parametrize("style", ["frozen", "timesformer"])
def test_a_branch_that_gives_cls_alone_gives_the_same_cls_and_gradients(style, stem_depth, seed):
    model = random_model(stem_depth=stem_depth, video={"attention_style": style}).double()
    ids_and_mask = captions(3)
    for stream, inputs in ((model.video, clips(2).double()), (model.text, ids_and_mask)):
        outcomes = []
        for alone in ((), ("latent",)):
            model.zero_grad()
            hidden = stream(inputs, cls_alone=alone)
            (hidden["latent"][:, 0].square().sum() + hidden["lexicon"].sin().sum()).backward()
            outcomes.append([hidden["lexicon"], hidden["latent"][:, 0]])
            outcomes[-1] += [p.grad.clone() for p in stream.parameters() if p.grad is not None]
        for whole, alone in zip(*outcomes, strict=True):
            torch.testing.assert_close(alone, whole, rtol=1e-9, atol=1e-9)


def test_only_cls_goes_through_the_last_feed_forward_layer_of_the_latent_branches(seed):
    model, seen = random_model(), []
    for last in (
        model.video.branches["latent"].blocks[-1].mlp.fc1,
        model.text.branches["latent"].blocks[-1].intermediate.dense,
    ):
        last.register_forward_hook(lambda layer, given, out: seen.append(out.shape[:2]))
    model.encode_video(clips(2))
    model.encode_text(*captions(3))
    assert seen == [(2, 1), (3, 1)]
