"""The benchmark of a training step: its builds are the same model, and its counts are right."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from tiny import ENTRIES, captions, clips, model_config, randomise
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from experiments.benchmarks.batches import random_batch
from experiments.benchmarks.same_weights import copy_weights
from experiments.benchmarks.step_builds import (
    OURS,
    PEER,
    PLAIN,
    check_builds,
    executed_flops,
    make_build,
    relative_error,
)
from experiments.benchmarks.step_flops import Sizes, step_flops
from experiments.benchmarks.straightforward import Straightforward
from unify.config.codec import override
from unify.config.presets import smoke
from unify.systems.unify import Unify

SCRIPT = Path(__file__).resolve().parents[2] / "experiments/benchmarks/train_step.py"
CPU = torch.device("cpu")


def small(**changes):
    """The preset `smoke` with fewer blocks and clips; dots are double underscores."""
    sizes = {"model.depth": 3, "model.stem_depth": 1, "plan.batch_size": 3, "plan.epoch_steps": 5}
    return override(smoke(), sizes | {k.replace("__", "."): v for k, v in changes.items()})


def builds(config):
    return [make_build(name, config, CPU) for name in (OURS, PLAIN, PEER)]


def pair(**video):
    """Ours and the straightforward build with the same random weights."""
    config = model_config(
        video=video, lexicon={"video_adapter": "linear", "video_bias": 1.0, "backend": "reference"}
    )
    ours, theirs = Unify(config, ENTRIES).eval(), Straightforward(config, ENTRIES).eval()
    randomise(ours)
    randomise(theirs)
    copy_weights(ours, theirs)
    return ours, theirs


def assert_same(found, expected):
    torch.testing.assert_close(found.latent, expected.latent, rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(found.lexicon, expected.lexicon, rtol=1e-4, atol=1e-4)


def test_transformers_parts_say_the_same_of_clips_and_captions_as_ours(seed):
    ours, theirs = pair(attention_style="timesformer")
    with torch.no_grad():
        video, text = clips(3), captions(4)
        assert_same(theirs.encode_video(video), ours.encode_video(video))
        assert_same(theirs.encode_text(*text), ours.encode_text(*text))


def test_with_frozens_attention_only_the_video_side_differs(seed):
    ours, theirs = pair(attention_style="frozen")
    with torch.no_grad():
        video, text = clips(3), captions(4)
        assert_same(theirs.encode_text(*text), ours.encode_text(*text))
        assert not torch.allclose(
            theirs.encode_video(video).lexicon, ours.encode_video(video).lexicon, atol=1e-2
        )


def test_a_step_of_either_has_the_same_loss_and_gradient(seed):
    config = small(model__video__attention_style="timesformer", seed=seed % 1000)
    ours, peer = (make_build(name, config, CPU) for name in (OURS, PEER))
    randomise(ours.objective, 0.1)
    copy_weights(ours.objective.model, peer.objective.model)
    batch = random_batch(config, 0, slice(None))
    loss, gradient = ours.gradient(batch)
    peer_loss, peer_gradient = peer.gradient(batch)
    assert peer_loss == pytest.approx(loss, rel=1e-4)
    expected, found = by_name(ours, gradient), by_name(peer, peer_gradient)
    heads = sorted(expected.keys() & found.keys())
    assert {name.split(".")[1] for name in heads} == {"video_head", "text_head", "video_adapter"}
    assert relative_error([found[n] for n in heads], [expected[n] for n in heads]) < 1e-3


def test_beside_ours_transformers_has_one_linear_layer_more_per_video_block():
    ours, _, peer = builds(small())
    width = ours.config.model.video.width
    blocks = ours.config.model.stem_depth + 2 * (3 - ours.config.model.stem_depth)
    assert peer.parameters - ours.parameters == blocks * width * (width + 1)


@pytest.mark.parametrize("name", [PLAIN, PEER])
def test_the_formulas_count_what_torch_counts(name):
    config = small(model__video__attention_style="timesformer", model__lexicon__entries="all")
    build = make_build(name, config, CPU)
    batch = random_batch(config, 0, slice(None))
    with FlopCounterMode(display=False) as counter, sdpa_kernel(SDPBackend.MATH):
        build.gradient(batch)
    assert executed_flops(build, sizes_of(config, batch)) == counter.get_total_flops()


def test_frozens_attention_counts_the_pairs_that_see_each_other():
    config = small()
    sizes = sizes_of(config, random_batch(config, 0, slice(None)))
    frames, places = torch.arange(1 + sizes.frames * 16).sub(1).div(16, rounding_mode="floor"), 16
    place = torch.arange(-1, sizes.frames * places) % places
    cls = torch.arange(len(place)) == 0
    pairs, rows = 0, 2 * len(place)
    for group in (place, frames):
        sees = (group[:, None] == group) | cls[:, None] | cls
        pairs += int(sees.sum())
    plain_pairs = places * sizes.frames**2 + sizes.frames * (1 + places) ** 2
    plain_rows = sizes.frames * (2 * places + 1)
    width, blocks = config.model.video.width, 5
    more = 8 * width**2 * (rows - plain_rows) + 4 * width * (pairs - plain_pairs)
    plain = override(config, {"model.video.attention_style": "timesformer"})
    found = step_flops(config.model, sizes) - step_flops(plain.model, sizes)
    assert found == 3 * blocks * sizes.clips * more


def test_a_plain_head_does_more_than_is_asked_for():
    config = small()
    sizes = sizes_of(config, random_batch(config, 0, slice(None)))
    asked = step_flops(config.model, sizes)
    width, words, clips_ = config.model.text.width, sizes.entries, sizes.clips
    tokens = clips_ * (sizes.tokens + sizes.frames * 16)
    spared = 2 * 2 * (tokens - 2 * clips_) * width * words
    assert step_flops(config.model, sizes, plain_head=True) - asked == spared


def test_builds_that_differ_are_found_before_anything_is_timed(seed):
    config = small(seed=seed % 1000, model__lexicon__head_bias=0.0)
    ours, plain, peer = builds(config)
    batch = random_batch(config, 0, slice(None))
    assert set(check_builds(ours, plain, peer, batch)) == {OURS, PLAIN, PEER}
    with torch.no_grad():
        plain.objective.model.lexicon_head.bias.add_(0.1)
    with pytest.raises(ValueError, match="should be equal to rounding"):
        check_builds(ours, plain, peer, batch)
    with torch.no_grad():
        peer.objective.model.text.bert.cls.predictions.bias.normal_(std=100)
    with pytest.raises(ValueError, match="with the same weights"):
        check_builds(ours, ours, peer, batch)


def test_what_transformers_build_lacks_is_said():
    with pytest.raises(ValueError, match=r"model\.lexicon\.pooling=sum is not in"):
        make_build(PEER, small(model__lexicon__pooling="sum"), CPU)


@pytest.mark.slow
def test_each_build_is_timed_printed_and_recorded(tmp_path):
    output = tmp_path / "train_step.json"
    options = ["--preset", "smoke", "--batch-size", "4", "--repeats", "1"]
    command = [sys.executable, str(SCRIPT), *options, "--output", str(output)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    rows = json.loads(output.read_text())["rows"]
    assert {row["case"] for row in rows} == {"smoke", "smoke, all words"}
    assert [row["build"] for row in rows[:4]] == [PEER, OURS, PLAIN, "ours, recomputed"]
    for row in rows:
        assert row["ms"] > row["floor_ms"]
        assert f"{row['ms']:.1f}" in done.stdout
        assert row["mfu"] == pytest.approx(row["floor_ms"] / row["ms"])
        assert row["extra_bytes"] > 0


def test_what_is_no_option_is_said_in_one_line():
    done = subprocess.run(
        [sys.executable, str(SCRIPT), "--reqeats"], capture_output=True, text=True
    )
    assert done.returncode == 2
    assert "--repeats" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def by_name(build, gradient):
    return dict(zip(dict(build.objective.named_parameters()), gradient, strict=True))


def sizes_of(config, batch):
    entries = 30522 if config.model.lexicon.entries == "all" else 355
    return Sizes(
        clips=len(batch.video),
        frames=batch.video.shape[1],
        tokens=batch.ids.shape[1],
        words=int(batch.mask.sum()),
        masked=len(batch.mlm_places),
        entries=entries,
    )
