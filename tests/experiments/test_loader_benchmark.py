"""The loader's benchmark runs, and its record holds what it prints."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from experiments.benchmarks.clip_store import make_stores
from experiments.benchmarks.reading import decoders, measure

SCRIPT = Path(__file__).resolve().parents[2] / "experiments/benchmarks/loader.py"
SHORT = ("--clips", "1", "--seconds", "1", "--time", "1", "--steps", "2")


def test_every_decoder_is_measured_beside_its_bare_calls(tmp_path):
    for store in make_stores(tmp_path, count=1, seconds=1):
        for name in decoders(store):
            rate = measure(store, name, seconds=0)
            assert rate.cropped > 0
            assert rate.ratio == rate.loader / rate.bare
            assert (name == "Pillow") == (store.name == "256, JPEG")


@pytest.mark.slow
def test_rates_and_waiting_are_printed_and_recorded(tmp_path):
    output = tmp_path / "loader.json"
    command = [sys.executable, str(SCRIPT), *SHORT, "--output", str(output)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    record = json.loads(output.read_text())
    read = {(rate["store"], rate["decoder"]) for rate in record["reading"]}
    assert {("720p, GOP 250", "av"), ("256, GOP 15", "av"), ("256, JPEG", "Pillow")} <= read
    for rate in record["reading"]:
        assert rate["loader"] > 0
        assert f"{rate['ratio']:.1%}" in done.stdout
    assert {wait["workers"] for wait in record["waiting"]} == {0, 1}
    assert all(0 < wait["share"] < 1 for wait in record["waiting"])
    assert record["environment"]["packages"]["av"] in done.stdout


def test_what_is_no_option_is_said_in_one_line():
    done = subprocess.run([sys.executable, str(SCRIPT), "--stpes"], capture_output=True, text=True)
    assert done.returncode == 2
    assert "--steps" in done.stderr
    assert len(done.stderr.splitlines()) == 1
