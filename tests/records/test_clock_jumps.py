"""Clocks that are wrong: nothing waits, hides or shows a negative time for it."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from experiments.plan import PlannedRun
from experiments.progress import read_progress
from unify.config import PRESETS, signature
from unify.files import opened_atomically, remove_dead_drafts
from unify.records import RunDirectory

ROOT = Path(__file__).resolve().parents[2]
YEAR = 365 * 24 * 3600
LIVING = """
import sys, time
real, shift = time.time, float(sys.argv[2])
time.time = lambda: real() + shift
from unify.records import RunDirectory
run = RunDirectory(sys.argv[1])
with run.claim():
    run.progress(3, 10, "training", steps_per_second=2.0)
    print("held", flush=True)
    time.sleep(600)
"""


@pytest.mark.parametrize("years", [10, -10], ids=["ahead", "behind"])
def test_a_run_whose_clock_was_wrong_is_usable_at_once(tmp_path, years):
    config = PRESETS["smoke"]()
    path = tmp_path / f"N=9-{signature(config)}"
    run = RunDirectory.create(path, config, label="N=9", sweep="sweep", parents={})
    command = [sys.executable, "-c", LIVING, str(path), str(years * YEAR)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT) as other:
        assert other.stdout.readline() == b"held\n"
        assert run.state() == "running"
        other.kill()
    assert run.state() == "interrupted"
    planned = PlannedRun(label="", sweep="", config=config, directory=run, changes={})
    assert run.silence() >= 0 and read_progress(planned).age >= 0
    began = time.monotonic()
    with run.claim() as claim:
        assert (claim.attempt.number, run.state()) == (2, "running")
    assert time.monotonic() - began < 60  # nobody waited for a heartbeat


def test_drafts_of_a_day_that_is_to_come_are_removed_as_old_ones_are(tmp_path):
    with opened_atomically(tmp_path / "name.mp4"):
        (own,) = tmp_path.glob(".name.mp4.*")
        pid = own.name.split(".")[-2]
        other = tmp_path / f".name.mp4.another-machine.{pid}.draft"
        for hours in (23, 25):
            other.touch()
            os.utime(other, (time.time() + hours * 3600,) * 2)
            remove_dead_drafts(tmp_path)
            assert other.exists() == (hours == 23)
        assert own.exists()
