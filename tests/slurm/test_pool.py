import os
import time
from pathlib import Path

import pool_jobs
import pytest

from slurm import pool as pool_module
from slurm.executors import debug, local
from slurm.pool import Pool
from slurm.task import Task


@pytest.fixture(autouse=True)
def importable(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(Path(pool_jobs.__file__).parent))


@pytest.fixture
def task(tmp_path):
    def make(key, function, *arguments, needs=()):
        return Task(
            key=key,
            function=function,
            arguments=tuple(map(str, arguments)),
            folder=tmp_path / "submitit" / key,
            needs=frozenset(needs),
        )

    return make


def is_alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
    except FileNotFoundError:
        return False


def until(condition, seconds=20):
    limit = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < limit, "waited too long"
        time.sleep(0.05)


def test_one_crash_leaves_the_others_alone_and_blocks_what_needs_it(task, tmp_path):
    tasks = [
        task("fails", pool_jobs.fail, "no clip"),
        task("dies", pool_jobs.die),
        task("well", pool_jobs.mark, tmp_path / "well"),
        task("after well", pool_jobs.mark, tmp_path / "after", needs=["well"]),
        task("after fails", pool_jobs.mark, tmp_path / "never", needs=["fails"]),
        task("after that", pool_jobs.mark, tmp_path / "never", needs=["after fails"]),
    ]
    pool = Pool(tasks, executor=local, slots=[{}] * 2)
    pool.run()
    assert pool.status == {
        "fails": "failed",
        "dies": "failed",
        "well": "done",
        "after well": "done",
        "after fails": "blocked",
        "after that": "blocked",
    }
    assert pool.errors["fails"] == "ValueError: no clip"
    assert "without a result" in pool.errors["dies"]
    assert not (tmp_path / "never").exists()


def test_no_more_jobs_at_once_than_slots(task, tmp_path):
    tasks = [task(str(k), pool_jobs.nap, tmp_path / str(k), 0.5) for k in range(4)]
    Pool(tasks, executor=local, slots=[{}] * 2).run()
    times = [tuple(map(float, (tmp_path / str(k)).read_text().split())) for k in range(4)]
    for start, _ in times:
        assert sum(s <= start < e for s, e in times) <= 2


def test_each_job_sees_its_own_slot(task, tmp_path):
    tasks = [task(str(k), pool_jobs.mark, tmp_path / str(k)) for k in range(2)]
    Pool(tasks, executor=local, slots=[{"CUDA_VISIBLE_DEVICES": d} for d in ("3", "MIG-x")]).run()
    seen = {(tmp_path / str(k)).read_text().split()[0] for k in range(2)}
    assert seen == {"3", "MIG-x"}


def test_an_interrupted_pool_leaves_no_process(task, tmp_path):
    files = [tmp_path / "a", tmp_path / "b"]
    pool = Pool(
        [task(file.name, pool_jobs.linger, file) for file in files],
        executor=local,
        slots=[{}] * 2,
    )

    def interrupt(pool):
        if all(file.exists() and file.read_text() for file in files):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        pool.run(interrupt)
    pids = [int(pid) for file in files for pid in file.read_text().split()]
    until(lambda: not any(map(is_alive, pids)), seconds=2)
    assert set(pool.status.values()) == {"waiting"}


def test_a_job_that_will_not_end_is_killed(task, tmp_path, monkeypatch):
    monkeypatch.setattr(pool_module, "GRACE_SECONDS", 0.5)
    file = tmp_path / "pid"
    pool = Pool([task("a", pool_jobs.resist, file)], executor=local, slots=[{}])
    pool.step()
    until(lambda: file.exists() and file.read_text())
    pool.stop()
    until(lambda: not is_alive(int(file.read_text())), seconds=2)


def test_done_means_that_the_work_is_there_not_that_the_job_ended_well(task, tmp_path):
    pool = Pool(
        [task("a", pool_jobs.mark, tmp_path / "a")],
        executor=debug,
        slots=[{}],
        finished=lambda task: False,
    )
    pool.run()
    assert pool.status == {"a": "failed"}


def test_work_that_somebody_else_does_is_waited_for(task, tmp_path):
    others = iter(["held", "held", "held"])
    work = {"done": False}

    def held(task):
        work["done"] = next(others, None) is None
        return not work["done"]

    pool = Pool(
        [task("a", pool_jobs.fail, "must not start")],
        executor=debug,
        slots=[{}],
        finished=lambda task: work["done"],
        held=held,
    )
    for _ in range(3):
        pool.step()
        assert pool.status == {"a": "waiting"}
    work["done"] = True
    pool.step()
    assert pool.status == {"a": "done"}


def test_the_debug_executor_runs_here(task, tmp_path):
    pool = Pool([task("a", pool_jobs.mark, tmp_path / "a")], executor=debug, slots=[{}])
    pool.run()
    assert (tmp_path / "a").read_text().split()[1] == str(os.getpid())
