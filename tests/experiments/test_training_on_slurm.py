"""Real trainings as jobs of a real cluster: what they survive, and that it changes nothing."""

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from cluster import wait_until
from safetensors.torch import load_file

from unify.attempts import Attempt
from unify.records import RunDirectory

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

ROOT = Path(__file__).resolve().parents[2]
PROFILE = 'partition = "main"\nmemory_gb = 2\nsignal_seconds = 20\n'
SMALL = ["--only", "N=9", "--set", "init.text=random", "init.video=random"]
LONG = [*SMALL, "plan.epoch_steps=30", "engine.checkpoint_every=40"]
"""About a minute of training on one core."""


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """Where all tests of this module work; they share the world that is drawn there."""
    return tmp_path_factory.mktemp("training")


@pytest.fixture
def sweep(cluster, place):
    def start(runs, *arguments, profile=None, **variables):
        command = [sys.executable, str(ROOT / "experiments" / "sweep.py"), "stem_depth"]
        command += ["--preset", "smoke", "--runs", runs, *arguments]
        if profile is not None:
            file = place / f"{runs}.toml"
            file.write_text(PROFILE + profile)
            command += ["--executor", "slurm", "--profile", str(file)]
        environment = {**cluster.environment, "OMP_NUM_THREADS": "1"}
        environment |= {"PYTHONPATH": str(ROOT), **variables}
        return subprocess.Popen(
            command,
            cwd=place,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    return start


@pytest.fixture
def undisturbed(place, sweep):
    """The long run, trained on this machine without any interruption."""
    if not list((place / "here").glob("stem_depth/*/result.json")):
        finished(sweep("here", *LONG))
    return the_run(place, "here")


def finished(process):
    output, _ = process.communicate(timeout=800)
    assert process.returncode == 0, output
    return output


def the_run(place, runs):
    (path,) = (place / runs).glob("stem_depth/*")
    return RunDirectory(path)


def until_step(place, runs, step):
    """The run, once it has trained so many steps."""
    wait_until(lambda: list((place / runs).glob("stem_depth/*/progress.json")), seconds=200)
    directory = the_run(place, runs)
    wait_until(lambda: (directory.read_progress() or {"step": 0})["step"] >= step, seconds=200)
    return directory


def attempts(directory):
    """How each life of a run ended, the nodes that it lived on, and the jobs."""
    files = sorted((directory.path / "attempts").iterdir())
    return [Attempt(**json.loads(path.read_text())) for path in files]


def assert_same(run, undisturbed):
    """Bit for bit the same weights, and each step logged once."""
    first, second = (
        hashlib.sha256(r.model_path.read_bytes()).hexdigest() for r in (run, undisturbed)
    )
    assert first == second
    assert [row["step"] for row in run.metrics_log.rows()] == [
        row["step"] for row in undisturbed.metrics_log.rows()
    ]
    assert run.result()["metrics"] == undisturbed.result()["metrics"]


def test_stem_depth_as_an_array_of_13_with_a_throttle_of_4(sweep, place):
    output = finished(sweep("depths", "--jobs", "4", profile="time = 30"))
    assert "all 13 runs are finished" in output
    assert len(list(place.glob("depths/stem_depth/*/result.json"))) == 13


def test_two_nodes_with_two_tasks_each_train_what_one_process_does(sweep, place):
    finished(sweep("four", *SMALL, profile="time = 30\nnodes = 2\ntasks_per_node = 2"))
    finished(sweep("one", *SMALL))
    four, one = the_run(place, "four"), the_run(place, "one")
    assert four.last_attempt().processes == 4
    found, expected = (load_file(run.model_path) for run in (four, one))
    apart = torch.cat([(found[k].float() - expected[k].float()).flatten() for k in expected])
    size = torch.cat([value.float().flatten() for value in expected.values()])
    # single weights whose gradient is rounding noise move by whole steps of AdamW
    assert apart.norm() <= 1e-5 * size.norm()
    assert apart.abs().mean() <= 1e-5
    for row, same in zip(four.metrics_log.rows(), one.metrics_log.rows(), strict=True):
        assert row["loss"] == pytest.approx(same["loss"], rel=1e-5)


def test_a_time_limit_in_mid_run_changes_nothing(sweep, place, undisturbed):
    finished(sweep("limited", *LONG, profile="time = 1"))
    run = the_run(place, "limited")
    lives = attempts(run)
    assert len(lives) > 1
    assert {life.ended for life in lives[:-1]} == {"timed out"}
    assert len({life.job for life in lives}) == 1
    assert_same(run, undisturbed)


def test_a_node_that_dies_in_mid_run_changes_nothing(sweep, place, undisturbed, cluster):
    process = sweep("crashed", *LONG, profile="time = 30")
    run = until_step(place, "crashed", 60)
    node = run.last_attempt().host
    cluster.send(node)
    try:
        finished(process)
    finally:
        cluster.up()
    first, second = attempts(run)
    assert (first.host, first.ended) == (node, None)
    assert second.host != node and second.job == first.job
    assert_same(run, undisturbed)
