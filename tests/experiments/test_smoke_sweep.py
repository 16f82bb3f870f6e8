"""Figure 6 with real training at the smallest size."""

import csv
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

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
    rows = list(csv.DictReader((tmp_path / "runs/stem_depth/figures-smoke/figure6.csv").open()))
    assert {int(row["stem_depth"]) for row in rows} == set(range(13))
    assert {row["representation"] for row in rows} == {"latent", "lexicon", "fused"}

    start = time.monotonic()
    subprocess.run(command, cwd=tmp_path, env=variables, check=True)
    assert time.monotonic() - start < 5
