"""Clips and texts through a model, in batches and in sets of frames."""

import torch
import torch.nn.functional as F
from tiny import ENTRIES, captions, clips, model_config, randomise

from unify.evaluation.encoding import averaged, encode_clips, encode_texts
from unify.systems.unify import Representations, Unify


def test_encoding_in_batches_equals_encoding_at_once(seed):
    model = random_model()
    video, (ids, mask) = clips(5), captions(7)
    found = encode_clips(model, video[:, None].split(2))
    said = encode_texts(model, zip(ids.split(4), mask.split(4), strict=True))
    torch.testing.assert_close(found.latent, model.encode_video(video).latent)
    torch.testing.assert_close(found.lexicon, model.encode_video(video).lexicon)
    torch.testing.assert_close(said.latent, model.encode_text(ids, mask).latent)
    torch.testing.assert_close(said.lexicon, model.encode_text(ids, mask).lexicon)


def test_sets_of_frames_of_a_clip_are_averaged_after_normalisation(seed):
    model = random_model()
    sets = [clips(5), clips(5), clips(5)]
    found = encode_clips(model, torch.stack(sets, 1).split(2))
    for name in ("latent", "lexicon"):
        each = [F.normalize(getattr(model.encode_video(video), name), dim=-1) for video in sets]
        torch.testing.assert_close(getattr(found, name), torch.stack(each).mean(0))


def test_one_set_alone_is_left_as_it_is(seed):
    made = Representations(torch.randn(4, 3), None)
    assert averaged(made, 1) is made
    assert averaged(made, 2).lexicon is None
    assert averaged(made, 2).latent.shape == (2, 3)


def random_model():
    model = Unify(model_config(text={"dropout": 0.5}), ENTRIES)
    randomise(model)
    return model.train()
