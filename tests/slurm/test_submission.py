import dataclasses
import os
import time
from pathlib import Path

import pytest
import slurm_jobs

from slurm import queue
from slurm.profile import Profile
from slurm.queue import SlurmError
from slurm.submission import Submission, sbatch_texts, submit
from slurm.task import Task

PROFILE = Profile(name="tests", minutes=5, memory_gb=0.25)
ROOT = Path(__file__).resolve().parents[2]


def task(key, function=slurm_jobs.nap, *arguments, needs=()):
    return Task(
        key=key,
        function=function,
        arguments=tuple(map(str, arguments)),
        folder=Path("/nowhere"),
        needs=frozenset(needs),
    )


@pytest.fixture
def submission(tmp_path):
    def make(jobs=None, **profile):
        path = f"{ROOT}{os.pathsep}{ROOT / 'tests' / 'slurm'}"
        return Submission(
            profile=dataclasses.replace(PROFILE, **profile),
            name="a sweep's",
            folder=tmp_path / "it's a folder",
            jobs=jobs,
            environment={"PYTHONPATH": path, "PYTHONSAFEPATH": "1", "ODD": "a 'b' \"c\" $d"},
        )

    return make


@pytest.fixture
def on_cluster(cluster, monkeypatch):
    for name, value in cluster.environment.items():
        monkeypatch.setenv(name, value)


def until(condition, seconds=60):
    limit = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < limit, "waited too long"
        time.sleep(0.1)


def options(text):
    """The sbatch options of a batch file."""
    return {line.removeprefix("#SBATCH --") for line in text.splitlines() if "#SBATCH" in line}


def test_a_profile_becomes_options_of_sbatch_and_lines_before_python(submission):
    one = submission(
        partition="gpu",
        account="me",
        qos="long",
        constraint="a100",
        nodes=2,
        gpus_per_node=4,
        cpus_per_task=6,
        memory_gb=1.5,
        minutes=90,
        signal_seconds=300,
        setup=("module load cuda",),
        python="apptainer exec image.sif python",
        srun=("--mpi=none",),
        sbatch={"exclusive": True, "nice": 5},
    )
    [text] = sbatch_texts([task("a"), task("b")], one, {})
    log = "/it'\"'\"'s a folder/%A_%a_0_log.out'"
    output = next(option for option in options(text) if option.startswith("output="))
    assert output.startswith("output='/") and output.endswith(log)
    assert options(text) - {output} == {
        *("partition=gpu", "account=me", "qos=long", "constraint=a100", "nodes=2", "time=90"),
        *("gpus-per-node=4", "ntasks-per-node=4", "cpus-per-task=6", "mem=1536M", "requeue"),
        *("signal=USR2@300", "array=0-1%2", "job-name='a sweep'\"'\"'s'", "open-mode=append"),
        *("exclusive", "nice=5"),
    }
    lines = text.splitlines()
    assert lines.index("export OMP_NUM_THREADS=6") < lines.index("module load cuda")
    assert lines.index("""export ODD='a '"'"'b'"'"' "c" $d'""") < lines.index("module load cuda")
    [srun] = [line for line in lines if line.startswith("srun ")]
    assert lines.index("module load cuda") < lines.index(srun)
    assert {"--cpus-per-task=6", "--kill-on-bad-exit=1", "--mpi=none"} <= set(srun.split())
    assert " apptainer exec image.sif python -u -m submitit.core._submit " in srun


def test_what_the_profile_leaves_open_is_left_to_the_cluster(submission):
    [text] = sbatch_texts([task("a")], submission(memory_gb=None), {})
    named = {option.split("=")[0] for option in options(text)}
    assert named == {
        *("cpus-per-task", "job-name", "nodes", "ntasks-per-node", "open-mode", "output"),
        *("requeue", "signal", "time"),
    }


@pytest.mark.parametrize(
    ("jobs", "profile", "array"), [(None, None, "0-2%3"), (None, 2, "0-2%2"), (1, 2, "0-2%1")]
)
def test_the_command_lines_throttle_outranks_the_profiles(submission, jobs, profile, array):
    one = submission(jobs)
    one = dataclasses.replace(one, profile=dataclasses.replace(one.profile, jobs=profile))
    [text] = sbatch_texts([task(key) for key in "abc"], one, {})
    assert f"array={array}" in options(text)


def test_each_generation_waits_for_exactly_the_elements_that_it_needs(submission):
    tasks = [
        task("grandchild", needs=["child b", "done long ago"]),
        task("child a", needs=["parent 2"]),
        task("child b", needs=["parent 0", "queued"]),
        *(task(f"parent {k}") for k in range(3)),
        task("child of the queued", needs=["queued"]),
    ]
    texts = sbatch_texts(tasks, submission(), {"queued": "77_4", "other": "78"})
    found = [{o for o in options(t) if o.startswith(("array", "dependency"))} for t in texts]
    ids = "<id of array 1>_0:<id of array 1>_2:77_4"
    assert found == [
        {"array=0-2%3"},
        {"array=0-2%3", f"dependency=afterany:{ids}"},
        {"dependency=afterany:<id of array 2>_1"},
    ]


def test_a_dry_run_needs_no_slurm_and_writes_nothing(submission, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", "")
    tasks = [task("a"), task("b", needs=["a"])]
    assert len(sbatch_texts(tasks, submission(), {})) == 2
    assert sbatch_texts([], submission(), {}) == []
    assert not list(tmp_path.iterdir())
    with pytest.raises(SlurmError, match="sbatch is not found"):
        submit(tasks, submission(), {}, print)


@pytest.mark.slow
def test_an_array_never_runs_more_elements_at_once_than_asked(on_cluster, submission, tmp_path):
    tasks = [task(str(k), slurm_jobs.nap, tmp_path / str(k), 0.5) for k in range(13)]
    ids = {}
    submit(tasks, submission(4), {}, ids.update)
    array = ids["0"].split("_")[0]
    assert ids == {str(k): f"{array}_{k}" for k in range(13)}
    until(lambda: all((tmp_path / str(k)).exists() for k in range(13)))
    times = [tuple(map(float, (tmp_path / str(k)).read_text().split())) for k in range(13)]
    together = [sum(s <= start < e for s, e in times) for start, _ in times]
    assert max(together) <= 4


def test_a_child_starts_when_its_parent_has_ended_however(
    on_cluster, submission, tmp_path, monkeypatch
):
    tasks = [
        task("parent", slurm_jobs.fail, tmp_path / "parent"),
        task("slow", slurm_jobs.linger, tmp_path / "slow"),
        task("child", slurm_jobs.look, tmp_path / "child", tmp_path / "parent", needs=["parent"]),
    ]
    # as from within another job, and with a default of sbatch that the profile outranks
    for name, value in {"SLURM_MEM_PER_CPU": "7", "SBATCH_TIMELIMIT": "soon"}.items():
        monkeypatch.setenv(name, value)
    answers = []
    submit(tasks, submission(), {}, answers.append)
    assert [set(answer) for answer in answers] == [{"parent", "slow"}, {"child"}]
    array, child = answers[0]["parent"].split("_")[0], answers[1]["child"]
    try:
        until((tmp_path / "child").exists)
        assert (tmp_path / "child").read_text() == "began"
        now = queue.jobs()
        assert now[f"{array}_0"].state == "FAILED" and now[f"{array}_1"].state == "RUNNING"
    finally:
        queue.cancel([array, child])
    texts = sbatch_texts(tasks, submission(), {})
    left = [submission().folder / f"{id}_submission.sh" for id in (array, child)]
    assert [file.read_text() for file in left] == [
        text.replace("<id of array 1>", array) for text in texts
    ]
    assert os.environ["SBATCH_TIMELIMIT"] == "soon"


def test_a_job_already_in_the_queue_is_waited_for(on_cluster, submission, tmp_path):
    first, second = {}, {}
    submit([task("parent", slurm_jobs.linger, tmp_path / "parent")], submission(), {}, first.update)
    child = task("child", slurm_jobs.nap, tmp_path / "child", 0, needs=["parent"])
    submit([child], submission(), first, second.update)
    assert queue.jobs()[second["child"]].reason == "Dependency"
    queue.cancel(first.values())
    until((tmp_path / "child").exists)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"partition": "no-such"}, r"Invalid partition name.* \(see partition in /a/file.toml\)"),
        ({"constraint": "no-such"}, r"Invalid feature.* \(see constraint in /a/file.toml\)"),
        (
            {"gpus_per_node": 99, "tasks_per_node": 1},
            r"not available \(see .*gpus_per_node.* in /a/file.toml\)",
        ),
        ({"memory_gb": 1e6}, r"\(see memory_gb in /a/file.toml\)"),
        (
            {"sbatch": {"no-such": 1}},
            r"unrecognized option.* \(see \[sbatch\] in /a/file.toml\)",
        ),
    ],
)
def test_what_sbatch_refuses_is_one_line_that_names_the_field(
    on_cluster, submission, change, reason, capfd
):
    one = submission(file=Path("/a/file.toml"), **change)
    with pytest.raises(SlurmError, match=f"^sbatch: .*{reason}$"):
        submit([task("a"), task("b")], one, {}, print)
    assert capfd.readouterr() == ("", "")


def test_what_was_submitted_before_a_refusal_is_known(on_cluster, submission, tmp_path):
    tasks = [
        task("a", slurm_jobs.nap, tmp_path / "a", 0),
        task("b", slurm_jobs.nap, tmp_path / "b", 0, needs=["a", "queued"]),
    ]
    known = {}
    with pytest.raises(SlurmError, match="dependency"):
        submit(tasks, submission(), {"queued": "no id"}, known.update)
    assert set(known) == {"a"}
    until((tmp_path / "a").exists)
