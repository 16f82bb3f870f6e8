"""Rows of the registry and their runs."""

import pytest
from hand_made import row

from analysis.errors import AnalysisError
from analysis.study import read_study
from unify.config.errors import ConfigError


def test_rows_are_found_whichever_sweep_has_trained_them(tmp_path):
    row(tmp_path, "stem_depth", "N=9", seed=1, fused=2.0)
    row(tmp_path, "msrvtt", "zero_shot", seed=0, fused=1.0)
    study = read_study(tmp_path)
    for sweep, label in (("unified_learning", "sharing_distillation"), ("stem_depth", "N=9")):
        assert [record.seed for record in study.runs("mini", sweep, label)] == [0, 1]
    assert study.runs("mini", "stem_depth", "N=3") == []
    assert study.runs("paper", "stem_depth", "N=9") == []


def test_a_changed_preset_is_another_experiment_and_named_so(tmp_path):
    row(tmp_path, "stem_depth", "N=9", fused=1.0)
    row(tmp_path, "stem_depth", "N=9", changes={"plan.epochs": "5"}, fused=2.0)
    for preset in ("mini", "paper"):
        study = read_study(tmp_path, preset, {"plan.epochs": "5"})
        assert list(study.columns) == ["paper", f"altered {preset}"]
    study = read_study(tmp_path, "mini", {"plan.epochs": "5"})
    (record,) = study.runs("altered mini", "stem_depth", "N=9")
    assert {r["value"] for r in record.metrics if r["representation"] == "fused"} >= {2.0}
    assert list(read_study(tmp_path, "mini", {"data.workers": "3"}).columns) == ["paper", "mini"]


def test_a_base_without_a_row_has_no_runs_of_it(tmp_path):
    study = read_study(tmp_path, "mini", {"model.depth": "3", "model.stem_depth": "1"})
    assert study.runs("altered mini", "stem_depth", "N=9") == []
    assert study.config("altered mini", "stem_depth", "N=9") is None


def test_commands_can_be_pasted_for_these_runs(tmp_path):
    study = read_study(tmp_path, "smoke", {"plan.epochs": "5", "seed": "4"})
    common = f"--runs {tmp_path}"
    changed = "--preset smoke --set plan.epochs=5"
    own = study.command("altered smoke", "flops", "normalised")
    assert own == (f"python experiments/sweep.py flops --only normalised {changed} seed=4 {common}")
    seeds = study.command("altered smoke", "flops", seeds=(0, 1))
    assert seeds == f"python experiments/sweep.py flops --seeds 0 1 {changed} {common}"
    paper = study.command("paper", "flops")
    assert paper == f"python experiments/sweep.py flops --preset paper --data-root DIR {common}"


def test_no_folder_and_a_wrong_change_are_refused_in_words(tmp_path):
    with pytest.raises(AnalysisError, match="nowhere is no folder of runs"):
        read_study(tmp_path / "nowhere")
    with pytest.raises(ConfigError, match=r"did you mean plan\.epochs"):
        read_study(tmp_path, "mini", {"plan.epoch": "5"})
