"""Labels and signatures of every sweep: a changed default shows here before it costs a sweep.

After a change on purpose, from the root: python -m tests.experiments.test_registry
"""

import json
from pathlib import Path

import pytest

from experiments.base import base_config
from experiments.plan import make_plan
from experiments.registry import SWEEPS
from unify.config import PRESETS

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
    assert len({run.signature for run in plan(sweep, "mini").runs}) == len(variants)


def test_figure_6_runs_from_no_shared_block_to_all():
    runs = plan(SWEEPS["stem_depth"], "mini").runs
    assert [run.name for run in runs] == [f"N={n}" for n in range(13)]
    assert [run.config.model.stem_depth for run in runs] == list(range(13))


def test_all_runs_of_a_preset_share_their_warm_starts():
    made = plan(SWEEPS["stem_depth"], "mini")
    assert [run.label for run in made.ancestors] == ["text warm start", "video warm start"]


if __name__ == "__main__":
    GOLDEN.write_text(json.dumps(signatures(), indent=1) + "\n")
