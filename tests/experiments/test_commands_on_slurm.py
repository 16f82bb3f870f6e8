"""Commands as jobs of a real cluster: they end as they would here, or it is said why not."""

import os
import re
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from test_data_prepare import CLIPS, ROOT, SMALL, all_decode, clip, corpus_of, made, wait_until

from experiments import data, evaluate, remote_follower
from experiments.benchmarks import loader
from experiments.remote import Command, run_on_cluster
from slurm.profile import Profile
from unify.config import PRESETS
from unify.files import read_json
from unify.records import RunDirectory

HERE = Path(__file__).parent
TIMEOUT = 120
PROFILE = 'partition = "main"\ntime = 30\nmemory_gb = 1\nsignal_seconds = 30\n'


@pytest.fixture
def profile(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(PROFILE)
    return path


@pytest.fixture
def start(cluster, profile, tmp_path):
    """One of our scripts in a process of its own, as a shell starts it."""

    def start(script, *arguments):
        where = ["--executor", "slurm", "--profile", str(profile)]
        return subprocess.Popen(
            [sys.executable, str(ROOT / "experiments" / script), *arguments, *where],
            cwd=tmp_path,
            env={**os.environ, **cluster.environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    return start


@pytest.fixture
def slurm(cluster):
    """One of SLURM's commands; what it prints."""

    def run(*command):
        environment = {**os.environ, **cluster.environment}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        return done.stdout

    return run


def ended(process):
    output, said = process.communicate(timeout=TIMEOUT)
    return process.returncode, output, said


def contents(folder):
    """All files but logs of the making, by name."""
    return {
        path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


@pytest.mark.slow
def test_shares_on_a_cluster_make_the_copy_that_one_command_makes_here(
    start, tmp_path, monkeypatch, capsys
):
    corpus_of(tmp_path / "data", SMALL)
    (tmp_path / "data/MSRVTT/videos/all/video4.mp4").write_bytes(b"no clip")
    monkeypatch.chdir(tmp_path)
    call = ["prepare", "msrvtt", "--root", "data", "--workers", "1", "--failed", "lost.tsv"]
    code, output, said = ended(start("data.py", *call, "--out", "out", "--shards", "3"))
    lost = Path("lost.tsv").read_text()
    assert code == data.main([*call, "--out", "here"]) == 1, said
    here = capsys.readouterr().out
    assert output.splitlines()[-1].replace("out/", "here/") == here.splitlines()[-1]
    assert [line.split(": ")[1] for line in output.splitlines() if ": share" in line] == [
        f"share {k} of 3" for k in (1, 2, 3)
    ]
    assert re.search(r"\d+ queued \(Dependency\)", said), said
    assert Path("lost.tsv").read_text() == lost.replace("out/", "here/")
    assert contents(Path("out/MSRVTT")) == contents(Path("here/MSRVTT"))
    assert [path.name for path in Path("out").glob("*.tsv")] == ["msrvtt-failed-2-of-3.tsv"]


def odd(call, **settings):
    arguments = tuple(call.split())
    return Command(
        key="-".join(arguments),
        module="odd_commands",
        arguments=arguments,
        resumable=call == "cancel",
        **settings,
    )


@pytest.mark.slow
def test_the_worst_end_that_nothing_saw_to_counts_and_jobs_without_a_word_are_named(
    cluster, tmp_path, monkeypatch, capsys
):
    for name, value in cluster.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("PYTHONPATH", f"{ROOT}{os.pathsep}{HERE}")
    monkeypatch.setattr(remote_follower, "SETTLE_SECONDS", 1)
    monkeypatch.chdir(tmp_path)
    commands = [odd(call) for call in ("code 7", "kill", "raise", "code 3", "cancel")]
    last = odd("code 0", needs=frozenset(["code-7"]))
    profile = Profile(name="tests", minutes=5, memory_gb=0.5)
    assert run_on_cluster([*commands, last], profile, name="odd") == 3
    output, said = capsys.readouterr()
    assert {f"about to {call}" for call in ("code 7", "raise", "code 3", "code 0")} <= set(
        output.splitlines()
    )
    assert "RuntimeError: the disk is full" in output
    for call, state in {"kill": "FAILED", "cancel": "cancelled"}.items():
        (line,) = [text for text in said.splitlines() if f" {call} ended without a word" in text]
        assert f": {state} (job " in line
        assert Path(line.partition("log: ")[2]).read_text() == f"about to {call}\n"


@pytest.mark.slow
def test_a_stopped_prepare_goes_on_in_the_queue_whoever_watches(start, slurm, tmp_path):
    corpus_of(tmp_path / "data", clip(360, 480, 48))
    call = ["data.py", "prepare", "msrvtt", "--root", "data", "--out", "out"]
    out = tmp_path / "out"
    code, output, said = ended(start(*call, "--detach"))
    assert (code, output) == (0, ""), said
    job = re.search(r"submitted as job (\d+)\n", said)[1]

    watcher = start(*call)
    wait_until(lambda: len(made(out)) >= 2)
    os.kill(watcher.pid, signal.SIGINT)
    slurm("scancel", "--signal=USR2", job)
    code, output, said = ended(watcher)
    assert (code, output) == (130, "")
    assert f"queued or running already as job {job}\n" in said
    assert said.endswith(f"this ends them: scancel {job}\n")

    code, output, said = ended(start(*call))
    assert code == 0, said
    assert "submitted" not in said
    assert f"job {job} goes back into the queue\n" in output
    first, second = output.split("goes back into the queue\n")
    kept = int(re.search(rf"(\d+) of {CLIPS} clips are there and kept", second)[1])
    assert 2 <= kept < CLIPS and "prepared" not in first
    assert second.endswith(f"msrvtt: prepared: {CLIPS} clips in out/MSRVTT\n")
    assert len(made(out)) == CLIPS and all_decode(out)


@pytest.mark.slow
def test_a_run_is_evaluated_as_it_is_here(start, tmp_path):
    smoke = ["--preset", "smoke", "--runs", "runs", "--data-root", "data"]
    here = [sys.executable, str(ROOT / "experiments/run.py"), *smoke]
    subprocess.run(here, cwd=tmp_path, check=True, capture_output=True)
    (path,) = tmp_path.glob("runs/*/run-????????????")
    call = [str(path.relative_to(tmp_path)), "msrvtt", "--output", "found.json"]
    code, output, said = ended(start("evaluate.py", *call))
    assert code == 0, said
    assert output.endswith("wrote found.json\n")
    found = read_json(tmp_path / "found.json")
    assert found["metrics"] == RunDirectory(path).result()["metrics"]


@pytest.mark.slow
def test_the_loader_is_measured_by_one_thread_on_a_node(start, profile, tmp_path):
    profile.write_text(f"{PROFILE}cpus_per_task = 2\n")
    short = ["--clips", "1", "--seconds", "1", "--time", "1", "--steps", "2"]
    code, output, said = ended(start("benchmarks/loader.py", *short, "--output", "loader.json"))
    assert code == 0, said
    record = read_json(tmp_path / "loader.json")
    assert all(f"{rate['ratio']:.1%}" in output for rate in record["reading"])
    assert record["environment"]["variables"]["OMP_NUM_THREADS"] == "1"


def test_a_run_that_is_not_finished_is_not_submitted(profile, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    RunDirectory.create("some/run", PRESETS["smoke"](), label="x", sweep="test", parents={})
    call = ["some/run", "msrvtt", "--executor", "slurm", "--profile", str(profile)]
    assert evaluate.main(call) == 2
    said = capsys.readouterr().err
    assert said == "evaluate.py: some/run is new; only a finished run can be used\n"
    assert not Path("runs").exists()


@pytest.mark.parametrize(
    ("main", "call", "message"),
    [
        (evaluate.main, "nowhere msrvtt", "is nowhere a run directory?"),
        (evaluate.main, "nowhere msrvtt --jobs 2", "unknown option '--jobs'"),
        (data.main, "prepare msrvtt --root . --out out", "MSRVTT is missing"),
        (data.main, "prepare msrvtt --root . --out out --jobs 2", "no effect without --shards"),
        (data.main, "prepare msrvtt --root . --out o --shards 2 --shard 1/2", "give one of them"),
        (loader.main, "--profile nowhere", "unknown profile 'nowhere'"),
    ],
)
def test_what_can_be_known_before_is_one_line_and_nothing_is_submitted(
    main, call, message, profile, tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    where = ["--executor", "slurm", *([] if "--profile" in call else ["--profile", str(profile)])]
    assert code_of(main, [*shlex.split(call), *where]) == 2
    output, said = capsys.readouterr()
    assert message in said
    assert (output, said.count("\n")) == ("", 1)
    assert list(tmp_path.iterdir()) == [profile]


@pytest.mark.parametrize("option", ["--shards 2", "--jobs 2", "--detach", "--profile cpu"])
def test_what_means_something_on_a_cluster_alone_is_refused_here(option, tmp_path, capsys):
    call = ["prepare", "msrvtt", "--root", str(tmp_path), "--out", "out", *option.split()]
    assert data.main(call) == 2
    name = option.split()[0]
    assert f"{name} has an effect with --executor slurm alone" in capsys.readouterr().err


def code_of(main, argv):
    try:
        return main(argv)
    except SystemExit as end:
        return end.code
