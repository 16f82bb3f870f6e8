import json
import os
import time
from pathlib import Path

import pytest
import slurm_jobs

from slurm import inside
from slurm.profile import Profile
from slurm.queue import SlurmError
from slurm.submission import Submission, submit
from slurm.task import Task

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def outside(monkeypatch):
    for name in [name for name in os.environ if name.startswith("SLURM_")]:
        monkeypatch.delenv(name)


def test_outside_slurm_there_is_no_job(outside):
    assert (inside.job_id(), inside.restarts()) == (None, 0)


def test_a_job_and_an_element_of_an_array_know_their_ids(outside, monkeypatch):
    monkeypatch.setenv("SLURM_JOB_ID", "104")
    assert inside.job_id() == "104"
    monkeypatch.setenv("SLURM_ARRAY_JOB_ID", "101")
    monkeypatch.setenv("SLURM_ARRAY_TASK_ID", "3")
    assert inside.job_id() == "101_3"


def test_a_process_without_srun_is_told_so(outside, monkeypatch):
    monkeypatch.setenv("SLURM_JOB_ID", "104")
    with pytest.raises(SlurmError, match=r"SLURM_PROCID.* not set: start this with srun"):
        inside.export_ranks()
    assert "RANK" not in os.environ


def test_two_tasks_on_each_of_two_nodes_have_their_ranks(cluster, tmp_path, monkeypatch):
    for name, value in {**cluster.environment, "RANK": "9", "MASTER_PORT": "80"}.items():
        monkeypatch.setenv(name, value)  # what the user's shell holds does not count
    folders = [tmp_path / "a", tmp_path / "b"]
    for folder in folders:
        folder.mkdir()
    tasks = [
        Task(key=f.name, function=slurm_jobs.ranks, arguments=(str(f),), folder=f) for f in folders
    ]
    path = f"{ROOT}{os.pathsep}{ROOT / 'tests' / 'slurm'}"
    submission = Submission(
        profile=Profile(
            name="tests",
            minutes=5,
            nodes=2,
            tasks_per_node=2,
            cpus_per_task=2,
            setup=("LINE=of_setup", "export LINE"),
            sbatch={"export": "NONE"},
        ),
        name="ranks",
        folder=tmp_path / "submitit",
        jobs=None,
        environment={"PYTHONPATH": path, "PYTHONSAFEPATH": "1", "GREETING": "it's\nme"},
    )
    submit(tasks, submission, {}, lambda ids: None)
    limit = time.monotonic() + 60
    while len(list(tmp_path.glob("?/?.json"))) < 8:
        assert time.monotonic() < limit, "waited too long"
        time.sleep(0.1)
    ports = set()
    for folder in folders:
        seen = [json.loads((folder / f"{rank}.json").read_text()) for rank in range(4)]
        assert [one["RANK"] for one in seen] == ["0", "1", "2", "3"]
        assert [one["LOCAL_RANK"] for one in seen] == ["0", "1", "0", "1"]
        assert {(one["WORLD_SIZE"], one["LOCAL_WORLD_SIZE"]) for one in seen} == {("4", "2")}
        assert {one["MASTER_ADDR"] for one in seen} == {seen[0]["host"]}
        assert seen[0]["host"] == seen[1]["host"] != seen[2]["host"] == seen[3]["host"]
        assert len({one["MASTER_PORT"] for one in seen}) == 1
        ports.add(seen[0]["MASTER_PORT"])
        assert {one["OMP_NUM_THREADS"] for one in seen} == {"2"}
        assert {(one["GREETING"], one["LINE"]) for one in seen} == {("it's\nme", "of_setup")}
    assert len(ports) == 2
