"""Whole sweeps as jobs of a real cluster; training itself is replaced by fake_runner.py."""

import json
import re
import shutil
import sys
import time
from functools import partial

import pytest
from cluster import wait_until
from sweeping import ROOT, run_of, start_sweep, trained
from sweeping import ended as ended_within

SLURM = ["--executor", "slurm", "--profile", "local_cluster"]
FEW = ["--only", "N=0", "N=9"]

ended = partial(ended_within, seconds=100)


@pytest.fixture
def sweep(cluster, tmp_path):
    def start(*arguments, executor=SLURM, name="stem_depth", root=ROOT, **variables):
        environment = {**cluster.environment, **variables}
        return start_sweep(tmp_path, environment, *executor, *arguments, name=name, root=root)

    return start


def any_of(folder, pattern):
    return list(folder.glob(pattern))


def assert_each_was_trained_once(processes, folder):
    for process in processes:
        code, output = ended(process)
        assert code == 0, output
    for name in ("text", "video", "N=0", "N=9"):
        assert trained(run_of(folder, name)) == 1


@pytest.mark.slow
def test_an_array_waits_for_its_parents_and_keeps_to_its_throttle(sweep, tmp_path):
    code, output = ended(sweep("--jobs", "4", FAKE_SECONDS="1"))
    assert code == 0, output
    assert "all 13 runs are finished" in output
    first, second = re.findall(r"submitted job (\d+): (.*)", output)
    assert first[1] == "text warm start, video warm start"
    assert second[1].count("N=") == 13
    spans = [span(run_of(tmp_path, f"N={n}")) for n in range(13)]
    parents = [span(run_of(tmp_path, part)) for part in ("text", "video")]
    assert max(end for _, end in parents) <= min(start for start, _ in spans)
    assert 1 < max(sum(a <= start < b for a, b in spans) for start, _ in spans) <= 4
    assert all(trained(run_of(tmp_path, f"N={n}")) == 1 for n in range(13))

    code, output = ended(sweep("--jobs", "4"))
    assert code == 0 and "submitted" not in output


def span(directory):
    """When a run began and when it was finished."""
    return directory.environment_path.stat().st_mtime, directory.result_path.stat().st_mtime


def test_dry_run_prints_what_is_then_submitted(sweep, cluster, tmp_path):
    code, dry = ended(sweep(*FEW, "--dry-run"))
    assert code == 0, dry
    assert not list(tmp_path.iterdir())
    assert dry.count("#!/bin/bash") == 2
    code, output = ended(sweep(*FEW, "--detach", FAKE_SECONDS="20"))
    assert code == 0, output
    files = sorted(tmp_path.glob("runs/jobs/*/*.sh"))
    parent = run_of(tmp_path, "text").submission()["job"].partition("_")[0]
    known = re.sub(r"<[^>]*array 1>", parent, dry)
    assert {path.read_text().strip() for path in files} == {
        f"#!/bin/bash{text}".strip() for text in known.split("#!/bin/bash")[1:]
    }

    code, output = ended(sweep(*FEW, "--status"))
    assert code == 0
    assert re.search(r"N=9 +queued ", output), output

    code, output = ended(sweep(*FEW, "--detach"))
    assert code == 0 and "submitted" not in output, "nothing is submitted twice"
    code, output = ended(sweep(*FEW, "--cancel", executor=[]))
    assert code == 1
    assert output.endswith("nothing was cancelled\n") and "Traceback" not in output
    code, output = ended(sweep(*FEW, "--cancel", "--yes", executor=[]))
    assert code == 0, output
    assert "cancelled 4 jobs;" in output
    wait_until(lambda: not cluster.run("squeue", "-h", "--name", files[0].parent.name))
    code, output = ended(sweep(*FEW, "--status"))
    assert re.search(r"text warm start +(stopped|cancelled) ", output), output
    assert re.search(r"N=9 +(cancelled|blocked) ", output), output


@pytest.mark.slow
def test_a_run_that_raises_is_reported_and_not_requeued_and_others_are_unharmed(sweep, tmp_path):
    code, output = ended(sweep(*FEW, FAKE_FAIL="N=0"))
    assert code == 1
    log = run_of(tmp_path, "N=0").log_path.relative_to(tmp_path)
    assert f"failed: N=0: ValueError: the loss of N=0 is NaN; log: {log}" in output
    assert run_of(tmp_path, "N=9").is_finished()
    assert trained(run_of(tmp_path, "N=0")) == 1

    code, output = ended(sweep(*FEW))
    assert code == 0, output
    assert "N=0: failed before (ValueError: the loss of N=0 is NaN); trying again" in output
    assert re.findall(r"submitted job \d+: (.*)", output) == ["N=0"]


def test_what_waits_for_a_failed_parent_is_blocked(sweep, tmp_path):
    code, output = ended(sweep("--only", "N=0", FAKE_FAIL="text warm start"))
    assert code == 1
    assert "blocked by it: N=0" in output


@pytest.mark.slow
def test_the_same_sweep_twice_at_once_trains_each_run_once(sweep, tmp_path):
    both = [sweep(*FEW, FAKE_SECONDS="1") for _ in range(2)]
    assert_each_was_trained_once(both, tmp_path)


@pytest.mark.slow
def test_a_job_asked_to_stop_goes_back_into_the_queue_and_finishes(sweep, cluster, tmp_path):
    process = sweep("--only", "N=9", FAKE_SECONDS="4")
    wait_until(lambda: list(tmp_path.glob("runs/*/N=9-*/attempts/*")))
    directory = run_of(tmp_path, "N=9")
    time.sleep(1)
    cluster.run("scancel", "--signal=USR2", directory.submission()["job"])
    code, output = ended(process)
    assert code == 0, output
    assert trained(directory) == 2
    assert directory.last_attempt().number == 2
    assert directory.last_attempt().ended == "finished"


@pytest.mark.slow
def test_a_job_that_is_asked_to_stop_too_often_is_a_failure(sweep, cluster, tmp_path):
    profile = tmp_path / "once.toml"
    profile.write_text('partition = "main"\ntime = 10\nsignal_seconds = 20\nrequeues = 1\n')
    chosen = ["--executor", "slurm", "--profile", str(profile)]
    process = sweep("--only", "N=9", executor=chosen, FAKE_SECONDS="30")
    for pattern in ("0001.json", "0002.json"):
        wait_until(partial(any_of, tmp_path, f"runs/*/N=9-*/attempts/{pattern}"))
        time.sleep(1)
        cluster.run("scancel", "--signal=USR2", run_of(tmp_path, "N=9").submission()["job"])
    code, output = ended(process)
    assert code == 1
    assert "failed: N=9: RuntimeError: timed out, after as many returns to the queue" in output


@pytest.mark.slow
def test_a_preempted_job_gives_way_and_finishes_later(sweep, cluster, tmp_path):
    profile = tmp_path / "low.toml"
    profile.write_text('partition = "low"\ntime = 10\nsignal_seconds = 20\n')
    chosen = ["--executor", "slurm", "--profile", str(profile)]
    process = sweep("--only", "N=9", executor=chosen, FAKE_SECONDS="8")
    wait_until(lambda: list(tmp_path.glob("runs/*/N=9-*/attempts/*")))
    directory = run_of(tmp_path, "N=9")
    node = directory.last_attempt().host
    other = cluster.submit("sleep 1", "--partition=main", "--exclusive", f"--nodelist={node}")
    wait_until(lambda: cluster.states(other) == ["COMPLETED"])
    code, output = ended(process)
    assert code == 0, output
    first = json.loads((directory.path / "attempts" / "0001.json").read_text())
    assert (first["host"], first["ended"]) == (node, "preempted")
    assert trained(directory) == 2


@pytest.mark.slow
def test_an_array_outlives_a_restart_of_the_controller(sweep, cluster, tmp_path):
    process = sweep("--jobs", "3", FAKE_SECONDS="2")
    wait_until(lambda: list(tmp_path.glob("runs/*/N=0-*/result.json")))
    time.sleep(6)  # what it knows is on disk every 5 s
    cluster.send("slurmctld")
    time.sleep(3)
    cluster.up()
    code, output = ended(process)
    assert code == 0, output
    assert all(trained(run_of(tmp_path, f"N={n}")) == 1 for n in range(13))


@pytest.mark.slow
def test_editing_the_checkout_changes_nothing_for_jobs_that_wait(sweep, tmp_path):
    checkout = tmp_path / "checkout"
    for package in ("unify", "experiments", "slurm", "analysis"):
        shutil.copytree(ROOT / package, checkout / package)
    code, output = ended(sweep(*FEW, "--detach", root=checkout, FAKE_SECONDS="3"))
    assert code == 0, output
    for package in ("unify", "experiments"):
        (checkout / package / "__init__.py").write_text("raise SystemExit('edited')")
    wait_until(lambda: len(list(tmp_path.glob("runs/stem_depth/*/result.json"))) == 2)
    (snapshot,) = tmp_path.glob("runs/code/*")
    assert run_of(tmp_path, "N=9").last_attempt().code == snapshot.name


@pytest.mark.slow
def test_a_sweep_on_this_machine_and_one_on_the_cluster_train_each_run_once(sweep, tmp_path):
    both = [sweep(*FEW, FAKE_SECONDS="2"), sweep(*FEW, executor=["--jobs", "2"], FAKE_SECONDS="2")]
    assert_each_was_trained_once(both, tmp_path)


@pytest.mark.slow
def test_a_warning_that_comes_before_python_can_heed_it_kills_nothing(sweep, cluster, tmp_path):
    profile = tmp_path / "early.toml"
    text = 'partition = "main"\ntime = 10\nsignal_seconds = 20\n'
    slow = tmp_path / "slow_python"
    slow.write_text(f'#!/bin/bash\nsleep 3\nexec {sys.executable} "$@"\n')
    slow.chmod(0o755)
    profile.write_text(f'{text}python = "{slow}"\n')
    chosen = ["--executor", "slurm", "--profile", str(profile)]
    process = sweep("--only", "N=9", executor=chosen)
    wait_until(lambda: list(tmp_path.glob("runs/warm_start/text-*/submission.json")))
    job = run_of(tmp_path, "text").submission()["job"]
    wait_until(lambda: cluster.states(job) == ["RUNNING"])
    time.sleep(1)
    cluster.run("scancel", "--signal=USR2", job)
    code, output = ended(process)
    assert code == 0, output


def test_a_job_that_cannot_start_has_failed_and_its_log_is_named(sweep, tmp_path):
    profile = tmp_path / "wrong.toml"
    profile.write_text('partition = "main"\ntime = 10\npython = "/no/such/python"\n')
    chosen = ["--executor", "slurm", "--profile", str(profile)]
    code, output = ended(sweep("--only", "N=9", executor=chosen))
    assert code == 1
    (line,) = re.findall(r"failed: text warm start: failed: job \d+_0: FAILED .*", output)
    log = tmp_path / line.rpartition("log: ")[2]
    assert "/no/such/python" in log.read_text()


@pytest.mark.slow
def test_cancelling_keeps_what_another_sweep_waits_for(sweep, cluster, tmp_path):
    code, output = ended(sweep(*FEW, "--detach", FAKE_SECONDS="20"))
    assert code == 0, output
    code, output = ended(sweep("--detach", name="temperature", FAKE_SECONDS="1"))
    assert code == 0, output
    code, output = ended(sweep("--cancel", "--yes", *FEW, executor=[]))
    assert code == 0, output
    assert output.count("kept: warm_start/") == 2
    assert "cancelled 2 jobs" in output
    assert ended(sweep("--cancel", "--yes", name="temperature", executor=[]))[0] == 0
    code, output = ended(sweep("--cancel", "--yes", *FEW, executor=[]))
    assert "kept" not in output and "cancelled 2 jobs" in output


def test_a_partition_that_does_not_exist_is_one_line(sweep, tmp_path):
    profile = tmp_path / "mine.toml"
    profile.write_text('partition = "gpus"\ntime = 10\n')
    chosen = ["--executor", "slurm", "--profile", str(profile)]
    code, output = ended(sweep(*FEW, executor=chosen))
    assert code == 2
    assert len(output.strip().splitlines()) == 1
    assert "partition" in output and "mine.toml" in output
