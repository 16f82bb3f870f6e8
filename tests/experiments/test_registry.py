"""Labels and signatures of every sweep: a changed default shows here before it costs a sweep.

After a change on purpose, from the root: python -m tests.experiments.test_registry
"""

import json
from pathlib import Path

import pytest

from experiments.base import base_config
from experiments.plan import make_plan
from experiments.registry import SWEEPS
from unify.config import PRESETS, FusionConfig

GOLDEN = Path(__file__).with_name("signatures.json")
REGENERATE = "if that is on purpose: python -m tests.experiments.test_registry"


def signatures() -> dict[str, dict[str, str]]:
    """`preset/sweep` -> label -> signature, warm starts included."""
    return {
        f"{preset}/{sweep.name}": {
            run.name: run.signature for run in plan(sweep, preset).everything
        }
        for preset in PRESETS
        for sweep in SWEEPS.values()
    }


def plan(sweep, preset):
    return make_plan(sweep, base_config(preset, {}), preset=preset, runs=Path("nowhere"))


def test_labels_and_signatures_are_those_on_record():
    assert signatures() == json.loads(GOLDEN.read_text()), REGENERATE


@pytest.mark.parametrize("sweep", SWEEPS.values(), ids=SWEEPS)
def test_every_sweep_says_what_it_asks_and_has_distinct_runs(sweep):
    variants = sweep.variants(PRESETS["mini"]())
    assert sweep.title
    assert sweep.paper
    assert sweep.variants.__doc__
    assert len({variant.label for variant in variants}) == len(variants)
    if not sweep.parts:
        assert len({run.signature for run in plan(sweep, "mini").runs}) == len(variants)


def test_figure_6_runs_from_no_shared_block_to_all():
    runs = plan(SWEEPS["stem_depth"], "mini").runs
    assert [run.name for run in runs] == [f"N={n}" for n in range(13)]
    assert [run.config.model.stem_depth for run in runs] == list(range(13))


@pytest.mark.parametrize("preset", PRESETS)
def test_the_default_run_stands_in_every_sweep_of_the_paper_and_of_its_choices(preset):
    default = plan(SWEEPS["msrvtt"], preset).runs[0].signature
    without = {"semantics_grounding"}  # of the lexicon branch alone
    for sweep in SWEEPS.values():
        made = plan(sweep, preset)
        found = {run.signature for run in (*made.runs, *made.ancestors)}
        assert (default in found) == (sweep.name not in without), sweep.name


def test_the_tables_rows_have_the_papers_letters():
    rows = {
        name: {v.row: v.label for v in SWEEPS[name].variants(PRESETS["paper"]())}
        for name in ("unified_learning", "semantics_grounding")
    }
    assert rows["unified_learning"] == {
        "A": "no_sharing",
        "B": "sharing",
        "C": "sharing_distillation",
    }
    assert rows["semantics_grounding"] == {
        "A": "no_tsg",
        "B": "freeze_only",
        "C": "mlm_only",
        "D": "tsg",
    }


def test_table_5_switches_freezing_and_mlm_of_the_lexicon_branch_alone():
    runs = {run.label: run.config for run in plan(SWEEPS["semantics_grounding"], "mini").runs}
    switches = {n: (c.plan.grounding_epochs > 0, c.objective.mlm) for n, c in runs.items()}
    assert switches == {
        "no_tsg": (False, False),
        "freeze_only": (True, False),
        "mlm_only": (False, True),
        "tsg": (True, True),
    }
    assert {config.model.branches for config in runs.values()} == {"lexicon"}


def test_no_sharing_is_two_separate_trainings_and_one_of_them_is_table_5_d():
    apart = plan(SWEEPS["unified_learning"], "mini").runs[0]
    assert {part: run.config.model.branches for part, run in apart.parents.items()} == {
        "latent": "latent",
        "lexicon": "lexicon",
    }
    grounded = plan(SWEEPS["semantics_grounding"], "mini").runs[-1]
    assert apart.parents["lexicon"].signature == grounded.signature


def test_fusion_ratios_train_nothing_but_the_default():
    made = plan(SWEEPS["fusion_ratio"], "mini")
    trained = [run.label for run in made.ancestors]
    assert trained == ["text warm start", "video warm start", "share=0 latent"]
    assert all(isinstance(run.config, FusionConfig) for run in made.runs)


def test_all_runs_of_a_preset_share_their_warm_starts():
    made = plan(SWEEPS["stem_depth"], "mini")
    assert [run.label for run in made.ancestors] == ["text warm start", "video warm start"]


if __name__ == "__main__":
    GOLDEN.write_text(json.dumps(signatures(), indent=1) + "\n")
