"""Random starts: those of the published encoders, scaled to the width."""

import pytest
import torch
from tiny import ENTRIES, model_config
from torch import nn

from unify.models.start import start_std
from unify.systems.unify import Unify


def test_the_spread_is_bert_bases_at_its_width_and_keeps_the_size_of_outputs_at_others():
    assert start_std(768) == pytest.approx(0.02)
    for width in (16, 64):
        # the sum of `width` products has `width` times their variance
        assert start_std(width) ** 2 * width == pytest.approx(0.02**2 * 768)


def test_blocks_start_with_that_spread_without_biases_and_with_plain_norms(seed):
    model = Unify(model_config(video={"temporal_start": "zero_projection"}), ENTRIES)
    for stream in (model.video, model.text):
        for block in stream.stem.blocks:
            for name, part in block.named_modules():
                if isinstance(part, nn.LayerNorm):
                    assert (part.weight == 1).all() and (part.bias == 0).all()
                if isinstance(part, nn.Linear):
                    assert (part.bias == 0).all()
                    if name != "temporal_attn.proj":
                        # at least 256 draws: their spread is within 5 standard errors of 4.4 %
                        assert float(part.weight.detach().std()) == pytest.approx(
                            start_std(16), rel=0.22
                        )


@pytest.mark.parametrize("style", ["frozen", "timesformer"])
@pytest.mark.parametrize("start", ["frozen", "zero_projection"])
def test_temporal_attention_starts_at_zero(start, style, seed):
    video = {"attention_style": style, "temporal_start": start}
    block = Unify(model_config(video=video), ENTRIES).video.stem.blocks[0]
    x = torch.randn(2, 13, 16)
    assert block.temporal_attn(x, 3, "time").abs().max() == 0
    assert block.attn(x, 3, "space").abs().max() > 0.01
