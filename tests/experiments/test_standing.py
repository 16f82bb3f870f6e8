"""Where a run stands, from its records and the queue."""

import json
import re
import shutil
import time

import pytest

from experiments.plan import PlannedRun
from experiments.standing import STALLED_SECONDS, Queue, standing
from slurm.queue import QueuedJob
from unify.config import PRESETS, signature, with_seed
from unify.records import RunDirectory

JOB = {"job": "7_1", "name": "sweep-abc", "sweep": "sweep", "folder": "/jobs/sweep-abc"}


@pytest.fixture
def run(tmp_path):
    return planned(tmp_path, "N=9")


def planned(runs, label, seed=0, **parents):
    config = with_seed(PRESETS["smoke"](), seed)
    path = runs / "sweep" / f"{label}-{signature(config)}"
    directory = RunDirectory.create(path, config, label=label, sweep="sweep", parents={})
    return PlannedRun(
        label=label, sweep="sweep", config=config, directory=directory, changes={}, parents=parents
    )


class Known(Queue):
    """A queue that knows these jobs."""

    def __init__(self, *runs, state="", reason="None", name=JOB["name"]):
        self.problem = ""
        job = QueuedJob(id="7_1", name=name, state=state, reason=reason, nodes="n1")
        self._jobs = {"7_1": job} if state else {}
        self._submissions = {run.signature: run.directory.submission() for run in runs}


def stand(run, **job):
    return standing(run, Known(run, **job))


def died(run, host="elsewhere", ended=None, **fields):
    """A life of the run that ended, or was ended without a word."""
    record = {"number": 1, "host": host, "pid": 4, "job": "7_1", "ended": ended, **fields}
    folder = run.directory.path / "attempts"
    folder.mkdir()
    (folder / "0001.json").write_text(json.dumps(record))
    run.directory.lock_path.touch()


def test_a_run_that_nobody_asked_for_is_new(run):
    assert stand(run).state == "new"
    assert not stand(run).active


def test_a_submitted_run_is_queued_with_the_reason_of_slurm(run):
    run.directory.write_submission(JOB)
    found = stand(run, state="PENDING", reason="Priority")
    assert (found.state, found.job, found.active) == ("queued", "7_1", True)
    assert found.note.endswith("Priority")
    assert stand(run, state="CONFIGURING").state == "starting"


def test_a_job_of_that_number_on_another_cluster_is_not_ours(run):
    run.directory.write_submission(JOB)
    found = stand(run, state="PENDING", name="somebody-else")
    assert found.state == "cancelled" and not found.active


def test_a_preempted_run_that_waits_again_says_so(run):
    run.directory.write_submission(JOB)
    died(run, ended="preempted")
    assert re.search(
        "preempted before; BeginTime", stand(run, state="PENDING", reason="BeginTime").note
    )


def test_a_trained_run_is_running_and_stalled_once_it_says_nothing_more(run):
    with run.directory.claim() as claim:
        run.directory.progress(3, 10, "training")
        assert stand(run).state == "running"
        backdate(run.directory.progress_path, "time")
        assert stand(run).state == "running", "it has just begun anew"
        backdate(run.directory.path / "attempts" / f"{claim.attempt.number:04d}.json", "started")
        found = stand(run)
        assert found.state == "stalled" and found.active
        assert "no step for 20:0" in found.note


def test_a_run_whose_process_beats_no_more_is_stalled(run):
    with run.directory.claim():
        backdate(run.directory.path / "heartbeat.json", "time")
        assert stand(run).state == "stalled"
        assert "no heartbeat for 20:0" in stand(run).note


def backdate(path, field):
    said = json.loads(path.read_text())
    path.write_text(json.dumps({**said, field: time.time() - 2 * STALLED_SECONDS}))


def test_a_job_that_runs_while_its_attempt_is_silent_is_stalled(run):
    run.directory.write_submission(JOB)
    died(run)
    beat = {"attempt": 1, "beat": 3, "time": time.time() - 500}
    (run.directory.path / "heartbeat.json").write_text(json.dumps(beat))
    found = stand(run, state="RUNNING")
    assert found.state == "stalled" and "no heartbeat for 8:20" in found.note


def test_a_heartbeat_of_a_job_that_slurm_knows_to_be_over_counts_for_nothing(run):
    run.directory.write_submission(JOB)
    died(run)
    beat = {"attempt": 1, "beat": 3, "time": time.time()}
    (run.directory.path / "heartbeat.json").write_text(json.dumps(beat))
    assert run.directory.state() == "running"
    assert stand(run, state="RUNNING").state == "running"
    assert stand(run, state="CANCELLED").state == "cancelled"
    assert stand(run, state="PENDING").state == "queued"


def test_where_the_queue_does_not_answer_a_submitted_run_is_not_called_lost(run):
    run.directory.write_submission(JOB)
    queue = Known(run)
    queue.problem = "squeue: no answer"
    assert standing(run, queue).state == "submitted"
    died(run)
    assert standing(run, queue).state == "submitted" and standing(run, queue).active


def test_a_job_that_is_ending_is_seen_to_unless_its_run_was_told_to_stop(run):
    run.directory.write_submission(JOB)
    died(run)
    assert stand(run, state="COMPLETING").state == "ending"
    shutil.rmtree(run.directory.path / "attempts")
    died(run, ended="stopped")
    found = stand(run, state="COMPLETING")
    assert found.state == "stopped" and not found.active


@pytest.mark.parametrize("word", ["timed out", "preempted", "stopped"])
def test_how_the_last_attempt_ended_is_told(run, word):
    died(run, ended=word, note="at step 4")
    assert (stand(run).state, stand(run).note) == (word, "at step 4")


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("TIMEOUT", "timed out"),
        ("OUT_OF_MEMORY", "out of memory"),
        ("NODE_FAIL", "node failed"),
        ("FAILED", "failed"),
    ],
)
def test_of_a_run_that_ended_without_a_word_slurm_tells(run, word, state, tmp_path):
    run.directory.write_submission({**JOB, "folder": str(tmp_path)})
    died(run)
    log = tmp_path / "7_1_0_log.out"
    log.write_text("slurmstepd: error")
    found = stand(run, state=word)
    assert found.state == state
    assert "job 7_1" in found.note and str(log) in found.note


def test_a_run_of_which_nobody_knows_is_lost(run):
    died(run)
    found = stand(run)
    assert found.state == "lost"
    assert "process 4 on elsewhere (job 7_1)" in found.note


def test_a_failure_is_told_with_its_reason(run):
    run.directory.fail(ValueError("the loss is NaN"))
    assert (stand(run).state, stand(run).note) == ("failed", "ValueError: the loss is NaN")


def test_what_waits_for_a_failed_run_is_blocked_but_not_once_that_is_queued_again(tmp_path, run):
    child = planned(tmp_path, "child", seed=1, pretrained=run)
    assert standing(child, Known(run, child)).state == "new"
    run.directory.fail(ValueError("no"))
    assert standing(child, Known(run, child)).state == "blocked"
    run.directory.write_submission(JOB)
    assert standing(child, Known(run, child, state="PENDING")).state == "new"
