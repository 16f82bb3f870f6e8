"""Whole sweeps in real processes; training itself is replaced by tests/experiments/fake_runner."""

import csv
import os
import signal
import time
from pathlib import Path

import pytest
from sweeping import ended, run_of, start_sweep

FEW = ["--only", "N=0", "N=9", "--jobs", "2"]


@pytest.fixture
def sweep(tmp_path):
    def start(*arguments, **variables):
        return start_sweep(tmp_path, {**os.environ, **variables}, *arguments)

    return start


def test_a_sweep_trains_what_is_missing_and_says_where_everything_is(sweep, tmp_path):
    code, output = ended(sweep(*FEW))
    assert code == 0, output
    assert "tensorboard --logdir runs/stem_depth" in output
    assert "fused R@10" in output
    assert "all 2 runs are finished" in output
    rows = list(csv.DictReader((tmp_path / "runs/reproduced-smoke/figures/figure6.csv").open()))
    assert {row["stem_depth"] for row in rows} == {"0", "9"}
    assert (tmp_path / "runs/reproduced-smoke/figures/figure6.png").exists()
    assert run_of(tmp_path, "text").is_finished()
    assert "training N=9 with" in run_of(tmp_path, "N=9").log_path.read_text()

    stamps = {p: p.stat().st_mtime_ns for p in tmp_path.glob("runs/*/*/*.json")}
    start = time.monotonic()
    code, output = ended(sweep(*FEW))
    assert code == 0
    assert time.monotonic() - start < 5
    assert {p: p.stat().st_mtime_ns for p in tmp_path.glob("runs/*/*/*.json")} == stamps


def test_a_failed_run_is_named_and_alone_tried_again(sweep, tmp_path):
    code, output = ended(sweep(*FEW, FAKE_FAIL="N=0"))
    assert code == 1
    log = run_of(tmp_path, "N=0").log_path.relative_to(tmp_path)
    assert f"failed: N=0: ValueError: the loss of N=0 is NaN; log: {log}" in output
    assert run_of(tmp_path, "N=9").is_finished()
    assert "ValueError: the loss of N=0 is NaN" in (tmp_path / log).read_text()

    code, output = ended(sweep(*FEW))
    assert code == 0, output
    assert "N=0: failed before (ValueError: the loss of N=0 is NaN); trying again" in output
    assert "N=9: running" not in output


def test_runs_that_failed_alike_are_named_together_with_one_log(sweep, tmp_path):
    code, output = ended(sweep(*FEW, FAKE_FAIL="N=0,N=9"))
    assert code == 1
    log = run_of(tmp_path, "N=0").log_path.relative_to(tmp_path)
    (line,) = [line for line in output.splitlines() if line.startswith("failed: ")]
    assert line == (
        f"failed: 2 runs (N=0, N=9): ValueError: the loss of N=0 is NaN; log: {log} (of N=0)"
    )


@pytest.mark.slow
def test_a_damaged_result_fails_the_sweep_and_the_others_are_drawn(sweep, tmp_path):
    ended(sweep(*FEW))
    result = run_of(tmp_path, "N=0").result_path
    for content in ("{", "[]", "{}", "null", '{"metrics":[{}]}', ""):
        result.write_text(content)
        for verb in ("--status", "--dry-run"):
            code, output = ended(sweep(*FEW, verb))
            assert code == 0
            assert "damaged" in output
    code, output = ended(sweep(*FEW))
    assert code == 1
    assert f"failed: N=0: {result.relative_to(tmp_path)} is damaged" in output
    assert "delete it and run the sweep again" in output
    assert "runs are finished" not in output
    assert "figure6.png" in output

    result.unlink()
    code, output = ended(sweep(*FEW))
    assert code == 0, output
    assert "all 2 runs are finished" in output


@pytest.mark.slow
def test_a_warm_start_without_weights_is_trained_again(sweep, tmp_path):
    ended(sweep("--only", "N=9"))
    run_of(tmp_path, "text").model_path.unlink()
    code, output = ended(sweep(*FEW))
    assert code == 0, output
    assert run_of(tmp_path, "text").log_path.read_text().count("training") == 2


def test_a_damaged_config_ends_the_sweep_in_one_line(sweep, tmp_path):
    ended(sweep("--only", "N=9", FAKE_FAIL="N=9"))
    run_of(tmp_path, "N=9").config_path.write_text("{}")
    code, output = ended(sweep("--only", "N=9"))
    assert code == 2
    assert "config.json is damaged (no proper kind)" in output.splitlines()[-1]


def test_a_killed_run_is_reported_as_such(sweep, tmp_path):
    code, output = ended(sweep(*FEW, FAKE_KILL="N=0"))
    assert code == 1
    assert "failed: N=0: RuntimeError: the process ended without a result" in output
    assert run_of(tmp_path, "N=0").state() == "failed"
    assert run_of(tmp_path, "N=9").is_finished()


def test_a_failed_parent_blocks_its_children(sweep, tmp_path):
    code, output = ended(sweep(*FEW, FAKE_FAIL="text warm start"))
    assert code == 1
    assert "failed: text warm start: ValueError" in output
    assert "blocked by it: N=0, N=9" in output
    assert run_of(tmp_path, "N=9").state() == "new"


@pytest.mark.slow
def test_the_debug_executor_goes_on_after_a_failure(sweep, tmp_path):
    code, output = ended(sweep(*FEW, "--executor", "debug", FAKE_FAIL="N=0"))
    assert code == 1
    assert "failed: N=0: ValueError" in output
    assert run_of(tmp_path, "N=9").is_finished()
    assert "training N=9 with" in run_of(tmp_path, "N=9").log_path.read_text()


@pytest.mark.slow
def test_two_sweeps_at_once_train_each_run_once(sweep, tmp_path):
    both = [sweep(*FEW, FAKE_SECONDS="1") for _ in range(2)]
    for code, output in map(ended, both):
        assert code == 0, output
    for name in ("text", "video", "N=0", "N=9"):
        assert run_of(tmp_path, name).log_path.read_text().count("training") == 1


@pytest.mark.parametrize(
    ("send", "number"),
    [
        pytest.param(os.kill, signal.SIGINT, id="to the sweep", marks=pytest.mark.slow),
        pytest.param(os.killpg, signal.SIGINT, id="as a terminal does"),
        pytest.param(os.kill, signal.SIGTERM, id="SIGTERM", marks=pytest.mark.slow),
    ],
)
def test_ctrl_c_leaves_no_process_and_the_next_sweep_continues(sweep, tmp_path, send, number):
    first = sweep(*FEW, FAKE_SECONDS="600")
    until(lambda: len(list(tmp_path.glob("runs/*/*/progress.json"))) == 2)
    started = below(first.pid)
    assert len(started) >= 4
    send(first.pid, number)
    code, output = ended(first)
    assert code == 130
    assert "0 of 2 runs are finished" in output
    assert "continue with: python" in output
    assert not any(map(is_alive, started))
    assert run_of(tmp_path, "text").state() == "interrupted"

    code, output = ended(sweep(*FEW))
    assert code == 0, output


@pytest.mark.slow
def test_jobs_outlive_a_killed_sweep_and_the_next_one_waits_for_them(sweep, tmp_path):
    first = sweep(*FEW, FAKE_SECONDS="3")
    until(lambda: len(list(tmp_path.glob("runs/*/*/progress.json"))) == 2)
    first.kill()
    code, output = ended(sweep(*FEW))
    assert code == 0, output
    for name in ("text", "video"):
        assert run_of(tmp_path, name).log_path.read_text().count("training") == 1


@pytest.mark.slow
def test_several_seeds_are_reported_as_mean_and_spread(sweep, tmp_path):
    code, output = ended(sweep("--only", "N=9", "--seeds", "0", "1", "--jobs", "2"))
    assert code == 0
    assert "70.0 +- 0.0" in output
    assert run_of(tmp_path, "N=9-seed1").is_finished()
    assert len(list(tmp_path.glob("runs/warm_start/*"))) == 2


def until(condition, seconds=30):
    limit = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < limit, "waited too long"
        time.sleep(0.05)


def below(pid):
    from slurm.processes import descendants

    return descendants(pid)


def is_alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
    except FileNotFoundError:
        return False
