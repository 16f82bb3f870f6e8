"""The paper's sweeps with real training at the smallest size."""

import csv
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from unify.records import RunDirectory

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_smoke_sweep_trains_13_runs_in_under_4_minutes(tmp_path):
    command = [sys.executable, str(ROOT / "experiments" / "sweep.py"), "stem_depth"]
    command += ["--preset", "smoke"]
    # the suite's own thread limits are no part of what is measured
    variables = {k: v for k, v in os.environ.items() if k != "OMP_NUM_THREADS"}
    start = time.monotonic()
    subprocess.run(command, cwd=tmp_path, env=variables, check=True)
    assert time.monotonic() - start < 240
    rows = list(csv.DictReader((tmp_path / "runs/reproduced-smoke/figures/figure6.csv").open()))
    assert {int(row["stem_depth"]) for row in rows} == set(range(13))
    assert {row["representation"] for row in rows} == {"latent", "lexicon", "fused"}

    start = time.monotonic()
    subprocess.run(command, cwd=tmp_path, env=variables, check=True)
    assert time.monotonic() - start < 5


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    """Runs of Tables 1, 4 and 5 and of the fusion ratios, by `sweep/label`."""
    folder = tmp_path_factory.mktemp("tables")
    command = [sys.executable, str(ROOT / "experiments" / "sweep.py"), "paper"]
    command += ["--preset", "smoke", "--only", "unified_learning", "semantics_grounding"]
    subprocess.run([*command, "fusion_ratio"], cwd=folder, check=True)
    runs = [RunDirectory(path.parent) for path in folder.glob("runs/*/*/result.json")]
    return {f"{run.meta()['sweep']}/{run.meta()['label']}": run for run in runs}


def values(run, representation):
    """Every metric of both directions."""
    rows = run.result()["metrics"]
    found = [row for row in rows if row["representation"] == representation]
    return {(row["direction"], row["metric"]): row["value"] for row in found}


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_no_sharing_has_the_branches_of_its_two_trainings(tables):
    apart = tables["unified_learning/no_sharing"]
    latent = tables["unified_learning/no_sharing latent"]
    assert values(apart, "latent") == values(latent, "latent")
    assert values(apart, "lexicon") == values(tables["semantics_grounding/tsg"], "lexicon")
    assert values(apart, "fused")
    assert not values(latent, "fused")


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_fusion_ratios_run_from_latent_alone_to_lexicon_alone(tables):
    pairs = [(name.partition("fusion_ratio/share=")[2], run) for name, run in tables.items()]
    shares = {float(share): run for share, run in pairs if share}
    default = tables["unified_learning/sharing_distillation"]
    assert sorted(shares) == [0, 0.25, 0.5, 0.75, 1]
    for share, representation in ((0, "latent"), (0.5, "fused"), (1, "lexicon")):
        assert values(shares[share], "fused") == values(default, representation)
