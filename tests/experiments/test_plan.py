from pathlib import Path

import pytest

from experiments.base import base_config, check_effect
from experiments.plan import make_plan
from experiments.registry import SWEEPS
from experiments.variants import Sweep, Variant, fusion
from unify.config.errors import ConfigError

SWEEP = SWEEPS["stem_depth"]


def plan(runs, changes=None, sweep=SWEEP, **settings):
    return make_plan(
        sweep, base_config("smoke", changes or {}), preset="smoke", runs=runs, **settings
    )


def finish(directory):
    directory.model_path.write_bytes(b"weights")
    directory.finish({**directory.meta(), "metrics": []})


def test_planning_writes_nothing(tmp_path):
    plan(tmp_path / "runs")
    assert not list(tmp_path.iterdir())


def test_the_longest_runs_start_first_after_the_warm_starts(tmp_path):
    order = [run.name for run in plan(tmp_path).missing]
    assert order[:3] == ["text warm start", "video warm start", "N=0"]
    assert order[-1] == "N=12"


def test_a_run_that_another_sweep_has_finished_is_used_again(tmp_path):
    other = Sweep(
        name="other", title="", paper="", variants=lambda base: [Variant("default", base)]
    )
    (made,) = plan(tmp_path, sweep=other).runs
    made.create()
    finish(made.directory)
    found = plan(tmp_path, only=["N=9"]).runs[0]
    assert found.directory.path == made.directory.path
    assert found.directory.path.parent.name == "other"


def test_warm_starts_of_finished_runs_are_not_needed(tmp_path):
    (run,) = plan(tmp_path, only=["N=9"]).runs
    run.create()
    finish(run.directory)
    assert plan(tmp_path, only=["N=9"]).missing == ()


def test_seeds_have_their_own_runs_and_shared_warm_starts(tmp_path):
    made = plan(tmp_path, only=["N=9"], seeds=[0, 1])
    assert [run.name for run in made.runs] == ["N=9", "N=9-seed1"]
    assert len(made.ancestors) == 2
    assert made.runs[1].directory.path.name.startswith("N=9-seed1-")


def test_what_differs_is_told_against_the_preset(tmp_path):
    made = plan(tmp_path, {"plan.epochs": "11"}, only=["N=3"])
    assert dict(made.runs[0].changes) == {"plan.epochs": (10, 11), "model.stem_depth": (9, 3)}
    assert dict(made.ancestors[0].changes) == {}


def test_two_labels_for_one_config_are_refused(tmp_path):
    twins = Sweep(
        name="twins",
        title="",
        paper="",
        variants=lambda base: [Variant("one", base), Variant("other", base)],
    )
    with pytest.raises(ConfigError, match="one and other are the same run"):
        plan(tmp_path, sweep=twins)


def test_a_variant_that_does_not_fit_together_is_named():
    bad = Sweep(
        name="bad",
        title="",
        paper="",
        variants=lambda base: [Variant("torn", base_config("smoke", {"data.num_frames": "9"}))],
    )
    with pytest.raises(ConfigError, match=r"torn: data\.num_frames=9"):
        plan(Path("nowhere"), sweep=bad)


def test_a_change_that_the_sweep_overwrites_is_refused():
    with pytest.raises(ConfigError, match=r"stem_depth sets model\.stem_depth itself"):
        check_effect(SWEEP, "smoke", {"model.stem_depth": "3"})
    check_effect(SWEEP, "smoke", {"plan.epochs": "3", "data.workers": "2"})


def fused(base):
    return [
        Variant("both", fusion(base)),
        Variant("default", base),
    ]


FUSED = Sweep(name="fused", title="", paper="", variants=fused)


def test_a_fusion_waits_for_its_trainings_and_they_for_their_warm_starts(tmp_path):
    missing = [run.name for run in plan(tmp_path, sweep=FUSED, only=["both"]).missing]
    assert missing == ["text warm start", "video warm start", "both latent", "both"]


def test_a_training_that_was_asked_for_keeps_its_own_label_below_a_fusion(tmp_path):
    made = plan(tmp_path, sweep=FUSED)
    both, default = made.runs
    assert default.label == "default"
    assert both.parents == {"latent": default, "lexicon": default}
    assert [run.name for run in made.ancestors] == ["text warm start", "video warm start"]


def test_a_finished_fusion_needs_nothing_and_has_no_weights(tmp_path):
    (both,) = plan(tmp_path, sweep=FUSED, only=["both"]).runs
    both.create()
    both.directory.finish({**both.directory.meta(), "metrics": []})
    made = plan(tmp_path, sweep=FUSED, only=["both"])
    assert made.missing == ()
    assert made.runs[0].directory.state() == "finished"


def test_a_sweep_of_sweeps_trains_common_runs_once_and_names_them_by_their_sweep(tmp_path):
    whole = plan(tmp_path, sweep=SWEEPS["paper"])
    signatures = [run.signature for run in whole.everything]
    assert len(signatures) == len(set(signatures))
    assert {run.signature for run in whole.runs} == {
        run.signature
        for name in SWEEPS["paper"].parts
        for run in plan(tmp_path, sweep=SWEEPS[name]).runs
    }
    names = {run.name: run.directory.path for run in whole.runs}
    assert names["stem_depth/N=3"].parent == tmp_path / "stem_depth"
    assert "unified_learning/sharing_distillation" not in names  # it is N=9


def test_parts_of_a_sweep_of_sweeps_are_chosen_by_name(tmp_path):
    chosen = plan(tmp_path, sweep=SWEEPS["paper"], only=["semantics_grounding", "stem_depth/N=9"])
    names = [run.name.partition("/") for run in chosen.runs]
    assert {home for home, *_ in names} == {"semantics_grounding", "stem_depth"}
    assert [label for home, _, label in names if home == "stem_depth"] == ["N=9"]
    with pytest.raises(ConfigError, match="did you mean semantics_grounding"):
        plan(tmp_path, sweep=SWEEPS["paper"], only=["semantic_grounding"])


def test_a_sweep_of_sweeps_refuses_two_labels_for_one_run_of_a_part(tmp_path):
    base = base_config("smoke", {"objective.distillation": "false"})
    with pytest.raises(ConfigError, match="sharing and sharing_distillation are the same run"):
        make_plan(SWEEPS["paper"], base, preset="smoke", runs=tmp_path)
