"""UNIFY's loss: which terms there are, and what they are made of, in one process."""

import pytest
import torch
import torch.nn.functional as F
from tiny import ENTRIES, captions, clips, model_config, randomise
from tiny_training import masked

from unify.config import ObjectiveConfig, PlanConfig
from unify.data.loader import Batch
from unify.data.tokens import token_places
from unify.losses.contrastive import Similarities, cosine, info_nce
from unify.losses.distillation import distillation
from unify.losses.flops import flops, mean_activation
from unify.models.text import Captions
from unify.systems.unify import Representations, Unify
from unify.training.objective import UnifyObjective, self_distillation
from unify.training.plan import Plan

EPOCH = 10
STAGE_1, STAGE_2 = 0, 50


def plan(config):
    return Plan(PlanConfig(), config, EPOCH)


def objective(branches="both", **switches):
    config = ObjectiveConfig(**switches)
    model = Unify(model_config(branches=branches), ENTRIES)
    randomise(model)
    return UnifyObjective(model, config, plan(config), autocast=None)


def batch(size=4):
    ids, mask = captions(size)
    words = mask & (ids > 200)
    chosen = words & (torch.rand(ids.shape) < 0.5)
    chosen[0, 1] = True
    return Batch(
        step=0,
        corpus="webvid2m",
        video=clips(size),
        ids=ids,
        mask=mask,
        places=token_places(mask),
        masked_ids=torch.where(chosen, 103, ids),
        **masked(chosen, ids),
        keys=("key",) * size,
        paths=("path",) * size,
    )


NO_TERMS = ("_active", "_zero_share", "_weight")


def terms(report):
    return {name for name in report if not name.endswith(NO_TERMS)} - {"loss"}


LATENT, LEXICON = {"latent_nce"}, {"lexicon_nce", "flops"}
EXPECTED = [
    ("both", STAGE_1, {}, LATENT | LEXICON | {"distillation"}),
    ("both", STAGE_2, {}, LATENT | LEXICON | {"distillation", "mlm"}),
    ("both", STAGE_2, {"mlm": False}, LATENT | LEXICON | {"distillation"}),
    ("both", STAGE_2, {"distillation": False}, LATENT | LEXICON | {"mlm"}),
    ("latent", STAGE_2, {}, LATENT),
    ("lexicon", STAGE_1, {}, LEXICON),
    ("lexicon", STAGE_2, {}, LEXICON | {"mlm"}),
]


@pytest.mark.parametrize(("branches", "step", "switches", "expected"), EXPECTED)
def test_terms_come_and_go_by_branch_stage_and_switch(branches, step, switches, expected, seed):
    loss, report = objective(branches, **switches)(batch(), step)
    assert terms(report) == expected
    weights = {name: float(report.get(f"{name}_weight", 1.0)) for name in expected}
    total = sum(weights[name] * float(report[name]) for name in expected)
    assert float(loss.detach()) == pytest.approx(total, rel=1e-6)
    assert report["loss"] == loss
    assert not any(value.requires_grad for value in report.values())


def test_the_masked_word_term_is_the_mean_over_masked_words(seed):
    made, data = objective(mlm_weight=0.7), batch()
    scores = made.model.masked_scores(Captions(data.masked_ids, data.mask), data.mlm_places)
    expected = F.cross_entropy(scores, made.model.vocabulary.rows[data.mlm_words])
    _, report = made(data, STAGE_2)
    torch.testing.assert_close(report["mlm"], expected.detach())
    assert float(report["mlm_weight"]) == pytest.approx(0.7)


def test_the_report_says_how_active_the_lexicon_is(seed):
    made, data = objective(), batch()
    _, report = made(data, STAGE_1)
    for side, found in (
        ("video", made.model.encode_video(data.video)),
        ("text", made.model.encode_text(data.ids, data.mask)),
    ):
        active = (found.lexicon > 0).sum(1).float()
        assert float(report[f"{side}_active"]) == pytest.approx(float(active.mean()))
        assert float(report[f"{side}_zero_share"]) == float((active == 0).float().mean())


def representations(count=4):
    latent, lexicon = torch.randn(count, 5), torch.rand(count, 9) * 3
    return Representations(latent.requires_grad_(), lexicon.requires_grad_())


def terms_of(video, text, config, step):
    return UnifyObjective(None, config, plan(config), None).similarity_terms(video, text, step)


def test_every_term_is_its_loss_without_its_weight(seed):
    config = ObjectiveConfig(
        nce="mean", latent_temperature=0.1, lexicon_temperature=0.2, flops_weight=0.01
    )
    video, text = representations(), representations()
    found = terms_of(video, text, config, step=25)
    latent, lexicon = (
        Similarities.of_batch(cosine(getattr(text, name), getattr(video, name)))
        for name in ("latent", "lexicon")
    )
    torch.testing.assert_close(found["latent_nce"], info_nce(latent, 0.1, "mean"))
    torch.testing.assert_close(found["lexicon_nce"], info_nce(lexicon, 0.2, "mean"))
    both = flops(mean_activation(video.lexicon)) + flops(mean_activation(text.lexicon))
    torch.testing.assert_close(found["flops"], both)
    torch.testing.assert_close(found["distillation"], distillation(latent, lexicon, 0.05))
    weights = UnifyObjective(None, config, plan(config), autocast=None).weights(25)
    assert weights == pytest.approx({"flops": 0.01, "distillation": 1 - 25 / 100, "mlm": 1.0})


def test_flops_may_take_normalised_activations(seed):
    config = ObjectiveConfig(flops_input="normalised", flops_weight=1.0)
    video, text = representations(), representations()
    found = terms_of(video, text, config, step=0)
    both = [flops(mean_activation(side.lexicon, normalised=True)) for side in (video, text)]
    torch.testing.assert_close(found["flops"], sum(both))


def gradients(teacher, detach):
    latent, lexicon = (torch.rand(4, 4, requires_grad=True) for _ in range(2))
    config = ObjectiveConfig(distillation_teacher=teacher, detach_teacher=detach)
    self_distillation(*map(Similarities.of_batch, (latent, lexicon)), config).backward()
    return [s.grad is not None and bool(s.grad.abs().max() > 0) for s in (latent, lexicon)]


def test_no_gradient_flows_into_a_detached_teacher(seed):
    assert gradients("latent", detach=True) == [False, True]
    assert gradients("lexicon", detach=True) == [True, False]
    assert gradients("both", detach=True) == [True, True]
    for teacher in ("latent", "lexicon", "both"):
        assert gradients(teacher, detach=False) == [True, True]


def test_two_teachers_are_averaged(seed):
    latent, lexicon = (Similarities.of_batch(torch.rand(4, 4)) for _ in range(2))
    config = ObjectiveConfig(distillation_teacher="both", distillation_temperature=0.3)
    expected = (distillation(latent, lexicon, 0.3) + distillation(lexicon, latent, 0.3)) / 2
    torch.testing.assert_close(self_distillation(latent, lexicon, config), expected)


def test_in_bfloat16_the_terms_stay_close_to_float32(seed):
    made, data = objective(mlm=False), batch()
    exact, _ = made(data, STAGE_2)
    made.autocast = torch.bfloat16
    loss, report = made(data, STAGE_2)
    assert loss.dtype == torch.float32
    # 8 bits of a mantissa through three blocks, over temperatures of 0.05
    assert float(report["loss"]) == pytest.approx(float(exact.detach()), rel=0.15)
