"""The video stream against timm's ViT, in float64, and what time adds to it."""

import pytest
import torch
from timm.models import VisionTransformer
from tiny import DEPTH, ENTRIES, FRAMES, IMAGE, PATCH, clips, model_config, randomise

from unify.systems.unify import Unify
from unify.systems.weights import load_vit

STYLES = ("frozen", "timesformer")
EXACT = {"rtol": 1e-10, "atol": 1e-10}
"""Same operations in float64, in another order at most."""


def random_vit(qkv_bias=True):
    vit = VisionTransformer(
        img_size=IMAGE,
        patch_size=PATCH,
        embed_dim=16,
        depth=DEPTH,
        num_heads=2,
        mlp_ratio=2,
        qkv_bias=qkv_bias,
        num_classes=7,
    )
    randomise(vit)
    return vit.double().eval()


def unify_from(vit, style, stem_depth=1, qkv_bias=True, start="frozen"):
    video = {"attention_style": style, "qkv_bias": qkv_bias, "temporal_start": start}
    model = Unify(model_config(stem_depth=stem_depth, video=video), ENTRIES).double().eval()
    load_vit(model, vit.state_dict())
    return model


@pytest.mark.parametrize("stem_depth", range(DEPTH + 1))
@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("start", ["frozen", "zero_projection"])
def test_one_frame_equals_vit_at_every_stem_depth(start, style, stem_depth, seed):
    vit = random_vit()
    model = unify_from(vit, style, stem_depth, start=start)
    video = clips(3, frames=1).double()
    expected = vit.forward_features(video[:, 0])
    for hidden in model.video(video).values():
        torch.testing.assert_close(hidden, expected, **EXACT)


@pytest.mark.parametrize("style", STYLES)
def test_one_frame_equals_a_vit_without_qkv_biases(style, seed):
    vit = random_vit(qkv_bias=False)
    model = unify_from(vit, style, qkv_bias=False)
    video = clips(3, frames=1).double()
    hidden = model.video(video)["lexicon"]
    torch.testing.assert_close(hidden, vit.forward_features(video[:, 0]), **EXACT)


def test_in_timesformers_style_a_repeated_frame_equals_vit_on_that_frame(seed):
    vit = random_vit()
    model = unify_from(vit, "timesformer")
    frame = clips(2, frames=1).double()
    expected = vit.forward_features(frame[:, 0])
    hidden = model.video(frame.repeat(1, FRAMES, 1, 1, 1))["latent"]
    torch.testing.assert_close(hidden[:, 0], expected[:, 0], **EXACT)
    for patches in hidden[:, 1:].unflatten(1, (FRAMES, -1)).unbind(1):
        torch.testing.assert_close(patches, expected[:, 1:], **EXACT)


@pytest.mark.parametrize("style", STYLES)
def test_at_the_start_the_order_of_frames_does_not_matter(style, seed):
    model = unify_from(random_vit(), style)
    video = clips(2).double()
    forward, backward = model.encode_video(video), model.encode_video(video.flip(1))
    torch.testing.assert_close(backward.latent, forward.latent, **EXACT)
    torch.testing.assert_close(backward.lexicon, forward.lexicon)


def temporal_gradients(style, start):
    model = unify_from(random_vit(), style, start=start)
    model.encode_video(clips(2).double()).latent.square().sum().backward()
    block = model.video.stem.blocks[0].temporal_attn
    return {name: float(p.grad.abs().max()) for name, p in block.named_parameters()}


@pytest.mark.parametrize("style", STYLES)
def test_a_zero_projection_gets_a_gradient_from_the_first_step(style, seed):
    assert temporal_gradients(style, "zero_projection")["proj.weight"] > 1e-6


@pytest.mark.parametrize("style", STYLES)
def test_frozens_start_gives_queries_keys_and_values_no_gradient_but_noise(style, seed):
    found = temporal_gradients(style, "frozen")
    assert found["qkv.weight"] < 1e-12 and found["proj.weight"] < 1e-12


@pytest.mark.parametrize("style", STYLES)
def test_the_order_of_frames_matters_once_temporal_weights_have_moved(style, seed):
    model = unify_from(random_vit(), style)
    with torch.no_grad():
        for name, parameter in model.video.named_parameters():
            if "temporal" in name:
                parameter.normal_()
    video = clips(2).double()
    forward, backward = model.encode_video(video), model.encode_video(video.flip(1))
    assert ((backward.latent - forward.latent).abs().amax(1) > 1e-4).all()
    assert ((backward.lexicon - forward.lexicon).abs().amax(1) > 1e-4).all()


def test_shorter_clips_use_the_first_temporal_positions(seed):
    model = Unify(model_config(), ENTRIES).double().eval()
    randomise(model)
    video = clips(2, frames=2).double()
    before = model.encode_video(video).latent
    with torch.no_grad():
        model.video.embeddings.temporal_embed[:, 2:].normal_()
    assert torch.equal(model.encode_video(video).latent, before)
    with torch.no_grad():
        model.video.embeddings.temporal_embed[:, 1].normal_()
    assert not torch.allclose(model.encode_video(video).latent, before)
