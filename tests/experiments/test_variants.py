"""Lists, grids and fusions of configs."""

import re
from pathlib import Path

import pytest

from experiments import registry
from experiments.plan import make_plan
from experiments.variants import changed, each, fusion, grid
from unify.config import PRESETS
from unify.config.errors import ConfigError

BASE = PRESETS["smoke"]()


def test_a_list_has_a_run_per_value_labelled_by_the_fields_own_name():
    made = each(BASE, "objective.flops_weight", (0.0, 1e-4, 1.0))
    assert [v.label for v in made] == ["flops_weight=0", "flops_weight=0.0001", "flops_weight=1"]
    assert [v.config.objective.flops_weight for v in made] == [0.0, 1e-4, 1.0]


def test_a_grid_has_a_run_per_combination():
    axes = {"model.stem_depth": (0, 9), "objective.mlm": (True, False)}
    made = grid(BASE, axes)
    assert [v.label for v in made] == [
        "stem_depth=0,mlm=true",
        "stem_depth=0,mlm=false",
        "stem_depth=9,mlm=true",
        "stem_depth=9,mlm=false",
    ]
    assert [(v.config.model.stem_depth, v.config.objective.mlm) for v in made] == [
        (0, True),
        (0, False),
        (9, True),
        (9, False),
    ]


def test_a_change_keeps_all_else():
    made = changed(BASE, "short", {"plan.epochs": 4}, "four epochs", "A")
    assert (made.label, made.about, made.row) == ("short", "four epochs", "A")
    assert changed(made.config, "", {"plan.epochs": BASE.plan.epochs}).config == BASE


def test_an_unknown_field_is_named():
    with pytest.raises(ConfigError, match=r"did you mean plan\.epochs"):
        each(BASE, "plan.epoch", (1, 2))


def test_a_fusion_is_of_one_training_or_of_two():
    other = changed(BASE, "", {"model.stem_depth": 0}).config
    assert fusion(BASE).latent == fusion(BASE).lexicon == BASE
    assert (fusion(BASE, other).latent, fusion(BASE, other).lexicon) == (BASE, other)
    assert fusion(BASE, lexicon_share=0.25).evaluation.lexicon_share == 0.25
    assert fusion(BASE).evaluation == BASE.evaluation


def test_the_readmes_sweep_can_be_pasted_into_the_registry(tmp_path):
    readme = (Path(__file__).parents[2] / "README.md").read_text()
    (block,) = re.findall(r"```python\n(@sweep.*?)```", readme, flags=re.DOTALL)
    source = Path(registry.__file__).read_text()
    module = {"__name__": "pasted"}
    exec(f"{source}\n\n{block}", module)
    (name,) = module["SWEEPS"].keys() - registry.SWEEPS.keys()
    for preset, base in PRESETS.items():
        pasted = module["SWEEPS"][name]
        plan = make_plan(pasted, base(), preset=preset, runs=tmp_path)
        assert len(plan.runs) == len(pasted.variants(base()))
