"""The one-machine cluster itself: what it promises to those who test and try things on it."""

import os
import signal
import subprocess
from pathlib import Path

import pytest
from cluster import SCRIPTS, Cluster, NoCluster, temporary_cluster, wait_until

NODES = ("n1", "n2", "n3", "n4")
LIFE = "echo $(hostname) ${SLURM_RESTART_COUNT:-0}; [ $SLURM_RESTART_COUNT ] || sleep 300"
"""A job that tells where and in which of its lives it runs; the first one does not end."""


def _ended(cluster: Cluster, job: str) -> bool:
    active = {"PENDING", "CONFIGURING", "RUNNING", "COMPLETING"}
    return not active & set(cluster.states(job))


def _processes(folder: Path) -> list[str]:
    """Command lines of living processes that name the folder."""
    shown = subprocess.run(["ps", "-eo", "args="], text=True, capture_output=True, check=True)
    return [line for line in shown.stdout.splitlines() if f"{folder}/" in line]


def _listening() -> set[int]:
    shown = subprocess.run(["ss", "-Hltn"], text=True, capture_output=True, check=True)
    return {int(line.split()[3].rpartition(":")[2]) for line in shown.stdout.splitlines()}


def _mounts() -> str:
    """Of all processes that one may ask."""
    found = []
    for path in Path("/proc").glob("[0-9]*/mountinfo"):
        try:
            found.append(path.read_text())
        except OSError:
            continue  # it has ended meanwhile
    return "".join(found)


def _up(*words: object, prefix: tuple[str, ...] = (), **environment: str) -> tuple[int, str]:
    ended = subprocess.run(
        [*prefix, "bash", SCRIPTS / "up.sh", *map(str, words)],
        env={**os.environ, **environment},
        text=True,
        capture_output=True,
    )
    return ended.returncode, ended.stderr


def test_started_twice_changes_nothing(cluster: Cluster) -> None:
    def snapshot() -> dict[str, str]:
        files = [*cluster.folder.glob("run/*"), *cluster.folder.glob("etc/*")]
        return {str(path): path.read_text() for path in files}

    before = snapshot()
    cluster.up()
    assert snapshot() == before
    assert set(cluster.node_states()) <= {"idle", "mixed", "allocated"}


def test_a_job_on_two_nodes_sees_two_hosts_and_the_faked_gpus(cluster: Cluster) -> None:
    line = "echo $(hostname) $SLURM_PROCID $CUDA_VISIBLE_DEVICES; getent ahostsv4 n4 >/dev/null"
    options = ("--nodes=2", "--nodelist=n2,n3", "--ntasks-per-node=2", "--gpus-per-node=2")
    shown = cluster.run("srun", *options, "bash", "-c", line)
    assert sorted(shown.splitlines()) == ["n2 0 0,1", "n2 1 0,1", "n3 2 0,1", "n3 3 0,1"]
    assert cluster.run("srun", "--gpus-per-node=1", "printenv", "CUDA_VISIBLE_DEVICES") == "0"


def test_an_array_keeps_to_its_throttle(cluster: Cluster) -> None:
    job = cluster.submit("sleep 0.4", "--array=0-3%2")
    most = 0
    while not _ended(cluster, job):
        most = max(most, cluster.states(job).count("RUNNING"))
    assert most == 2
    assert cluster.states(job) == ["COMPLETED"] * 4


@pytest.mark.slow
def test_a_crashed_node_comes_back_and_its_job_runs_again(cluster: Cluster) -> None:
    job = cluster.submit(LIFE, "--nodelist=n3", "--requeue", "--open-mode=append")
    wait_until(lambda: cluster.output(job))
    before = cluster.pid("n2")
    cluster.send("n3")
    cluster.up()
    assert set(cluster.node_states()) <= {"idle", "mixed", "allocated"}
    assert cluster.pid("n2") == before
    wait_until(lambda: _ended(cluster, job))
    assert cluster.output(job) == "n3 0\nn3 1\n"


def test_killed_daemons_and_drained_nodes_come_back(cluster: Cluster) -> None:
    cluster.run("scontrol", "update", "nodename=n1", "state=drain", "reason=test")
    for name in (*NODES[1:], "slurmctld", "munged"):
        cluster.send(name)
    cluster.up()
    assert set(cluster.node_states()) <= {"idle", "mixed", "allocated"}
    assert cluster.run("srun", "--nodelist=n1", "hostname") == "n1"


def test_two_clusters_run_side_by_side_and_one_goes_without_a_trace(cluster: Cluster) -> None:
    with temporary_cluster(nodes=2, gpus=0) as other:
        job = other.submit("sleep 300", "--comment=elsewhere")
        wait_until(lambda: other.states(job) == ["RUNNING"])
        assert "elsewhere" not in cluster.run("squeue", "--noheader", "-o%k")
        assert _processes(other.folder) and str(other.folder) in _mounts()
        first = int((other.folder / "etc" / "port").read_text())
        assert set(range(first, first + 3)) <= _listening()
    assert not other.folder.exists()
    wait_until(lambda: not _processes(other.folder), seconds=5)
    assert str(other.folder) not in _mounts()
    assert not set(range(first, first + 3)) & _listening()
    assert set(cluster.node_states()) <= {"idle", "mixed", "allocated"}


def test_down_and_up_keeps_the_queue(cluster: Cluster) -> None:
    with temporary_cluster(nodes=1) as other:
        job = other.submit("true", "--hold")
        other.run("bash", SCRIPTS / "down.sh", other.folder)
        wait_until(lambda: not _processes(other.folder), seconds=5)
        other.up()
        assert other.states(job) == ["PENDING"]


@pytest.mark.parametrize(
    ("words", "setting", "said"),
    [
        ((), {}, "usage: up.sh FOLDER [--install]"),
        (("/tmp/x", "--instal"), {}, "usage: up.sh FOLDER [--install]"),
        (("/tmp/with blank",), {}, "without blanks"),
        (("/tmp/" + "x" * 60,), {}, "too long (65 characters, at most 60)"),
        (("/tmp/x",), {"CLUSTER_NODES": "two"}, "CLUSTER_NODES=two: give a whole number"),
        (("/tmp/x",), {"CLUSTER_CPUS": "0"}, "CLUSTER_CPUS=0: give at least 1"),
    ],
)
def test_what_cannot_be_is_said_in_one_line(
    words: tuple[str, ...], setting: dict[str, str], said: str
) -> None:
    status, text = _up(*words, **setting)
    assert (status, text.count("\n")) == (2, 1)
    assert said in text


def test_without_root_or_packages_one_line_says_what_to_do(tmp_path: Path) -> None:
    status, text = _up("/tmp/x", prefix=("unshare", "--user") if os.getuid() == 0 else ())
    assert (status, text.count("\n")) == (2, 1) and "needs root" in text
    for tool in ("bash", "dirname", "realpath"):
        (tmp_path / tool).symlink_to(f"/usr/bin/{tool}")
    (tmp_path / "id").write_text("#!/bin/sh\necho 0\n")
    (tmp_path / "id").chmod(0o755)
    status, text = _up("/tmp/x", PATH=str(tmp_path))
    assert (status, text.count("\n")) == (2, 1)
    assert "apt-get install -y --no-install-recommends munge slurmctld slurmd" in text


def test_a_folder_of_something_else_is_refused_by_both(cluster: Cluster) -> None:
    with temporary_cluster(nodes=1) as other:
        inside = other.folder / "log"
        with pytest.raises(NoCluster, match="holds something else"):
            Cluster(inside).up()
        with pytest.raises(AssertionError, match="is no cluster's folder"):
            Cluster(inside).down()
        with pytest.raises(NoCluster, match=r"CLUSTER_NODES=2, but .* has 1"):
            other.up(nodes=2)
        assert (inside / "slurmctld.log").exists()


@pytest.mark.slow
def test_a_crash_that_nobody_reports_is_noticed_and_the_job_runs_elsewhere(
    cluster: Cluster,
) -> None:
    job = cluster.submit(LIFE, "--nodelist=n1", "--requeue", "--open-mode=append")
    wait_until(lambda: cluster.output(job))
    cluster.send("n1")
    wait_until(lambda: cluster.node_states()[0] == "down*", seconds=120)
    cluster.run("scontrol", "update", f"jobid={job}", "reqnodelist=")
    wait_until(lambda: _ended(cluster, job), seconds=120)
    cluster.up()
    first, second = cluster.output(job).splitlines()
    assert first == "n1 0"
    assert second in {f"{name} 1" for name in NODES[1:]}


@pytest.mark.slow
def test_a_hung_node_is_down_until_it_is_repaired(cluster: Cluster) -> None:
    cluster.send("slurmd-n4", signal.SIGSTOP)
    wait_until(lambda: cluster.node_states()[3] == "down*", seconds=180)
    cluster.up()
    assert set(cluster.node_states()) <= {"idle", "mixed", "allocated"}


@pytest.mark.slow
def test_jobs_survive_slurmctld(cluster: Cluster) -> None:
    running = cluster.submit("sleep 20; echo ran")
    after = cluster.submit("echo after", f"--dependency=afterany:{running}")
    array = cluster.submit("echo $SLURM_ARRAY_TASK_ID", "--array=0-3%1")
    wait_until(lambda: cluster.states(running) == ["RUNNING"])
    cluster.send("slurmctld", signal.SIGTERM)
    cluster.up()
    wait_until(lambda: all(_ended(cluster, job) for job in (running, after, array)), seconds=120)
    assert cluster.output(running) + cluster.output(after) == "ran\nafter\n"
    assert [cluster.output(f"{array}_{index}") for index in range(4)] == [
        "0\n",
        "1\n",
        "2\n",
        "3\n",
    ]


@pytest.mark.slow
def test_a_job_of_low_gets_its_signal_and_gives_way(cluster: Cluster) -> None:
    place = ("--nodelist=n2", "--exclusive")
    loop = "trap 'echo told; exit 0' USR2; echo here; while true; do sleep 0.1; done"
    low = cluster.submit(loop, *place, "--partition=low", "--signal=B:USR2@10")
    wait_until(lambda: cluster.output(low))
    main = cluster.submit("hostname", *place)
    wait_until(lambda: _ended(cluster, main))
    assert "told" in cluster.output(low)
    assert cluster.output(main) == "n2\n"


@pytest.mark.slow
def test_ended_jobs_are_forgotten_after_the_time_that_was_set() -> None:
    with temporary_cluster(nodes=1, remember_seconds=5) as forgetful:
        job = forgetful.submit("true")
        wait_until(lambda: job in forgetful.run("squeue", "--noheader", "-tCOMPLETED", "-o%A"))
        wait_until(lambda: job not in forgetful.run("squeue", "--noheader", "-tall", "-o%A"), 180)
