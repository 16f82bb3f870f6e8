import json
import os
import time
from pathlib import Path

import pytest
import slurm_jobs

from slurm import queue
from slurm.profile import Profile
from slurm.queue import QueuedJob, SlurmError
from slurm.submission import Submission, submit
from slurm.task import Task

ROOT = Path(__file__).resolve().parents[2]


def until(condition, seconds=60):
    limit = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < limit, "waited too long"
        time.sleep(0.1)


def lives(path):
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


@pytest.mark.slow
def test_what_happens_to_one_element_leaves_its_siblings_alone(cluster, tmp_path, monkeypatch):
    for name, value in {**cluster.environment, "SQUEUE_STATES": "FAILED"}.items():
        monkeypatch.setenv(name, value)
    files = {name: tmp_path / name for name in ("requeued", "left alone", "cancelled")}
    functions = [slurm_jobs.requeue_once, slurm_jobs.linger, slurm_jobs.linger]
    tasks = [
        Task(key=key, function=function, arguments=(str(file),), folder=tmp_path)
        for (key, file), function in zip(files.items(), functions, strict=True)
    ]
    path = f"{ROOT}{os.pathsep}{ROOT / 'tests' / 'slurm'}"
    submission = Submission(
        profile=Profile(name="tests", minutes=5),
        name="odd|name",
        folder=tmp_path / "submitit",
        jobs=None,
        environment={"PYTHONPATH": path, "PYTHONSAFEPATH": "1"},
    )
    ids = {}
    submit(tasks, submission, {}, ids.update)

    def state(key):
        return queue.jobs()[ids[key]].state

    try:
        until(lambda: lives(files["left alone"]) and lives(files["cancelled"]))
        running = queue.jobs()[ids["left alone"]]
        assert (running.name, running.state, running.active) == ("odd|name", "RUNNING", True)
        assert running.nodes
        until(lambda: state("requeued") == "PENDING")
        assert queue.jobs()[ids["requeued"]].reason == "BeginTime"
        assert queue.fields_of(ids["requeued"])["JobState"] == "PENDING"
        queue.cancel([ids["cancelled"]])
        until(lambda: state("cancelled") == "CANCELLED")
        queue.cancel([ids["cancelled"]])  # once more does no harm
        assert not queue.jobs()[ids["cancelled"]].active
        assert queue.fields_of(ids["cancelled"])["JobState"] == "CANCELLED"
        until(lambda: lives(files["requeued"]))
        assert lives(files["requeued"]) == [[ids["requeued"], submission.name, 1]]
        assert (tmp_path / "requeued.asked").read_text() == "well"
        assert lives(files["left alone"]) == [[ids["left alone"], submission.name, 0]]
        assert state("left alone") == "RUNNING"
    finally:
        queue.cancel(ids.values())


def test_what_slurm_does_not_know_is_an_error_of_one_line(cluster, monkeypatch):
    for name, value in cluster.environment.items():
        monkeypatch.setenv(name, value)
    for ask in (queue.fields_of, queue.requeue):
        with pytest.raises(SlurmError, match=r"^scontrol: .*[Ii]nvalid job id specified") as caught:
            ask("987654")
        assert "\n" not in str(caught.value)


def test_a_missing_command_is_told(monkeypatch):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(SlurmError, match="squeue is not found"):
        queue.jobs()


def test_nothing_to_cancel_asks_nobody(monkeypatch):
    monkeypatch.setenv("PATH", "")
    queue.cancel([])


def test_a_command_that_does_not_answer_is_given_up(monkeypatch):
    monkeypatch.setattr(queue, "COMMAND_SECONDS", 0.2)
    with pytest.raises(SlurmError, match=r"sleep: no answer in 0.2 s"):
        queue.run("sleep", "60")


def test_a_command_survives_the_signals_that_a_job_gets():
    signals = "kill -TERM $$; kill -USR2 $$; echo alive"
    assert queue.run("sh", "-c", signals) == "alive\n"


def test_complaints_become_one_line():
    stderr = "sbatch: error: No such\n\nsbatch: Try again\n"
    assert queue.complaint(stderr) == "No such; Try again"
    with pytest.raises(SlurmError, match=r"^sh: status 3$"):
        queue.run("sh", "-c", "exit 3")


STATES = {
    **dict.fromkeys(["PENDING", "RUNNING", "COMPLETING", "REQUEUED", "SUSPENDED"], True),
    **dict.fromkeys(["COMPLETED", "CANCELLED", "TIMEOUT", "PREEMPTED", "NODE_FAIL"], False),
}


@pytest.mark.parametrize(("state", "active"), STATES.items())
def test_only_what_has_not_ended_is_active(state, active):
    job = QueuedJob(id="1", name="", state=state, reason="None", nodes="")
    assert job.active == active
