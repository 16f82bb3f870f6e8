"""Which local features the lexicon is pooled from, and what stands before the heads."""

import torch
from tiny import ENTRIES, captions, clips, model_config, randomise

from unify.systems.unify import Unify, without_special


def pair(**changes):
    """A random model, and one with the same weights and other lexicon settings."""
    plain = Unify(model_config(), ENTRIES).eval()
    other = Unify(model_config(lexicon=changes), ENTRIES).eval()
    randomise(plain)
    missing, unexpected = other.load_state_dict(plain.state_dict(), strict=False)
    assert not unexpected
    assert all(name.startswith("video_adapter.") for name in missing)
    return plain, other


def pooled(model, hidden):
    return torch.log1p(torch.relu(model.lexicon_head(hidden))).amax(1)


def test_the_video_lexicon_is_pooled_over_patches_or_over_cls_too(seed):
    plain, other = pair(video_tokens="include_cls")
    video = clips(2)
    hidden = plain.video(video)["lexicon"]
    torch.testing.assert_close(plain.encode_video(video).lexicon, pooled(plain, hidden[:, 1:]))
    torch.testing.assert_close(other.encode_video(video).lexicon, pooled(plain, hidden))


def test_the_text_lexicon_is_pooled_over_all_tokens_or_over_words_only(seed):
    plain, other = pair(text_tokens="exclude_special")
    ids, mask = captions(4)
    hidden = plain.text((ids, mask))["lexicon"]
    for model, left_out in ((plain, 0), (other, 1)):
        found = model.encode_text(ids, mask).lexicon
        for row, states, size in zip(found, hidden, mask.sum(1).tolist(), strict=True):
            expected = pooled(plain, states[None, left_out : size - left_out])[0]
            torch.testing.assert_close(row, expected)


def test_without_special_drops_the_first_and_the_last_token_of_each_caption():
    mask = torch.tensor([[1, 1, 1, 1], [1, 1, 1, 0], [1, 1, 0, 0]], dtype=torch.bool)
    kept = torch.tensor([[0, 1, 1, 0], [0, 1, 0, 0], [0, 0, 0, 0]], dtype=torch.bool)
    before = mask.clone()
    assert torch.equal(without_special(mask), kept)
    assert torch.equal(mask, before)


def test_a_caption_without_words_has_an_empty_lexicon_when_specials_are_left_out(seed):
    _, model = pair(text_tokens="exclude_special")
    ids = torch.tensor([[101, 102]])
    assert model.encode_text(ids, ids != 0).lexicon.abs().max() == 0


def test_the_video_adapter_starts_as_identity(seed):
    plain, other = pair(video_adapter="linear")
    video = clips(2)
    torch.testing.assert_close(other.encode_video(video).lexicon, plain.encode_video(video).lexicon)


def test_the_video_bias_raises_words_on_the_video_side_alone(seed):
    plain, other = pair(video_bias=2.0)
    video, text = clips(2), captions(3)
    hidden = plain.video(video)["lexicon"][:, 1:]
    expected = torch.log1p(torch.relu(plain.lexicon_head(hidden) + 2)).amax(1)
    torch.testing.assert_close(other.encode_video(video).lexicon, expected)
    assert torch.equal(other.encode_text(*text).lexicon, plain.encode_text(*text).lexicon)


def test_an_adapter_leads_from_the_video_width_to_the_text_width():
    config = model_config(video={"width": 24}, lexicon={"video_adapter": "linear"})
    found = Unify(config, ENTRIES).encode_video(clips(2))
    assert found.lexicon.shape == (2, len(ENTRIES))
    assert found.latent.shape == (2, 8)


def test_latent_heads_are_linear_on_cls_and_frozens_text_head_has_a_relu(seed):
    for style, before in (("linear", lambda x: x), ("frozen", torch.relu)):
        model = Unify(model_config(latent={"style": style}), ENTRIES).eval()
        randomise(model)
        text, video = captions(3), clips(2)
        states = before(model.text(text)["latent"][:, 0])
        layer = model.text_head[-1]
        expected = states @ layer.weight.T + layer.bias
        torch.testing.assert_close(model.encode_text(*text).latent, expected)
        layer = model.video_head[-1]
        expected = model.video(video)["latent"][:, 0] @ layer.weight.T + layer.bias
        torch.testing.assert_close(model.encode_video(video).latent, expected)


def test_the_heads_bias_starts_where_the_config_says():
    model = Unify(model_config(lexicon={"head_bias": -3.0}), ENTRIES)
    assert (model.lexicon_head.bias == -3).all()
