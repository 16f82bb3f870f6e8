"""ZeRO stages in turn: all train the same, and only then their times are shown."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from experiments.benchmarks import zero_stages

ENGINES = {
    *("no engine, no optimiser", "DistributedDataParallel"),
    *("ZeRO stage 0", "ZeRO stage 1", "ZeRO stage 2"),
}


def report(**changed):
    """What the first process says, with other losses of some engines."""
    return {
        "seconds": {name: 0.5 for name in ENGINES} | {zero_stages.ALONE: 0.3},
        "losses": {name: [9.0, 8.0, 7.0] for name in ENGINES} | changed,
        "extra_bytes": {name: 2**20 for name in ENGINES},
        "parameters": 1000,
        "threads": 1,
    }


def test_each_engine_has_a_row_with_what_it_takes_beyond_forward_and_backward():
    rows = zero_stages._rows(report(), 2, "mini", 32)
    assert {row["engine"] for row in rows} == ENGINES
    (stage_2,) = [row for row in rows if row["engine"] == "ZeRO stage 2"]
    assert stage_2["samples_per_second"] == 64
    assert stage_2["overhead_ms"] == pytest.approx(200)


@pytest.mark.parametrize("third", [7.1, float("nan")])
def test_an_engine_that_trains_otherwise_is_refused(third):
    with pytest.raises(ValueError, match="ZeRO stage 2 is wrong: its loss at step 3"):
        zero_stages._rows(report(**{"ZeRO stage 2": [9.0, 8.0, third]}), 2, "mini", 32)


def test_clips_that_do_not_divide_are_said_in_one_line(capsys):
    assert zero_stages.main(["--processes", "3"]) == 2
    said = capsys.readouterr().err
    assert "32 clips do not divide among 3 processes" in said
    assert len(said.splitlines()) == 1


@pytest.mark.slow
def test_real_engines_agree_by_one_and_by_two_processes(tmp_path):
    output = tmp_path / "zero_stages.json"
    script = Path(zero_stages.__file__)
    options = ("--preset", "smoke", "--repeats", "1", "--output", str(output))
    done = subprocess.run([sys.executable, script, *options], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    rows = json.loads(output.read_text())["rows"]
    for processes in (1, 2):
        of_run = [row for row in rows if row["processes"] == processes]
        assert {row["engine"] for row in of_run} == ENGINES
        for row in of_run:
            assert row["ms"] > 0
            assert row["extra_bytes"] > 0
            assert f"{row['ms']:.1f}" in done.stdout
