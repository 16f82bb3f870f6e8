"""What the commands answer, in processes of their own."""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from unify.config import PRESETS, signature
from unify.config.codec import override
from unify.records import RunDirectory

FILE = Path(__file__).resolve()
ROOT = FILE.parents[2]


def command(tmp_path, script, *arguments):
    return subprocess.run(
        [sys.executable, str(ROOT / "experiments" / script), *arguments],
        cwd=tmp_path,
        env={k: v for k, v in os.environ.items() if k != "PYTHONPATH"},
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--list"], "How many blocks the branches share"),
        ([], "How many blocks the branches share"),
        (["unified_learning", "--list"], "two separate dual encoders"),
        (["stem_depth", "--dry-run"], "model.stem_depth=12"),
        (["stem_depth", "--status"], "N=12"),
        (["stem_depth", "--dry-run", "--preset", "paper"], "13 of 13 runs to train"),
    ],
)
def test_questions_are_answered_within_a_second_and_write_nothing(tmp_path, arguments, expected):
    seconds = []
    for _ in range(3):
        start = time.monotonic()
        done = command(tmp_path, "sweep.py", *arguments)
        seconds.append(time.monotonic() - start)
        assert (done.returncode, done.stderr) == (0, "")
        assert expected in done.stdout
    assert min(seconds) < 1
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("script", "arguments", "message"),
    [
        ("sweep.py", ["stem_deep"], "did you mean stem_depth?"),
        ("sweep.py", ["stem_depth", "--only", "N=13"], "did you mean N="),
        ("sweep.py", ["stem_depth", "--set", "model.dept=3"], "did you mean model.depth?"),
        ("sweep.py", ["stem_depth", "--set", "plan.epochs=ten"], "plan.epochs: "),
        ("sweep.py", ["stem_depth", "--set", "plan.epochs"], "is no NAME=VALUE"),
        ("sweep.py", ["stem_depth", "--set", "data.num_frames=9"], "data.num_frames=9"),
        ("sweep.py", ["stem_depth", "--set", "world=none"], "needs the miniature world"),
        ("sweep.py", ["stem_depth", "--preset", "minni"], "did you mean mini?"),
        ("sweep.py", ["stem_depth", "--jobs", "0"], "no whole number from 1 on"),
        (
            "sweep.py",
            ["stem_depth", "--executor", "slurm"],
            "name a --profile for slurm",
        ),
        ("sweep.py", ["stem_depth", "--dry-rnu"], "did you mean --dry-run?"),
        ("sweep.py", ["--only", "N=9", "stem_depth"], "name a sweep before --only"),
        ("sweep.py", ["--status"], "name a sweep before --status"),
        ("sweep.py", ["stem_depth", "--runs", str(FILE)], f"{FILE}/"),
        ("run.py", ["--runs", str(FILE)], f"{FILE}/"),
        ("sweep.py", ["stem_depth", "--preset", "paper"], "WebVid is missing: webvid2m is"),
        ("run.py", ["--preset", "paper", "--data-root", str(FILE)], f"{FILE}/WebVid is missing"),
        ("run.py", ["--set", "plan.epoch=3"], "did you mean plan.epochs?"),
        ("run.py", ["--seed", "one"], "no whole number from 0 on"),
        ("run.py", ["--seed", "-1"], "no whole number from 0 on"),
        ("run.py", ["--seed", "1", "--set", "seed=3"], "--set seed=3 contradicts --seed 1"),
        ("sweep.py", ["stem_depth", "--seeds", "-1"], "no whole number from 0 on"),
        ("sweep.py", ["stem_depth", "--seeds", "0", "1", "--set", "seed=0"], "contradicts --seeds"),
        ("sweep.py", ["stem_depth", "--set", f"seed={2**32}"], "must be below 4294967296"),
        ("sweep.py", ["stem_depth", "--set", "seed=-1"], "seed=-1 must be at least 0"),
        ("run.py", ["--seed", "4", "--set", "seed=03"], "--set seed=03 contradicts --seed 4"),
        ("sweep.py", ["stem_depth", "--set", "model=none"], "model: a group of fields is needed"),
        ("evaluate.py", ["nowhere", "msrvtt"], "is nowhere a run directory?"),
    ],
)
def test_a_request_that_cannot_be_understood_gets_one_line_and_code_2(
    tmp_path, script, arguments, message
):
    done = command(tmp_path, script, *arguments)
    assert done.returncode == 2
    assert message in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert done.stdout == ""
    assert not list(tmp_path.iterdir())


def test_a_directory_that_is_no_run_is_refused_in_one_line(tmp_path):
    done = command(tmp_path, "run.py", "--dir", "nowhere")
    assert done.returncode == 1
    assert "nowhere a run directory?" in done.stderr
    assert len(done.stderr.splitlines()) == 1


HOLD = """
import sys, time
from unify.records import RunDirectory
with RunDirectory(sys.argv[1]).claim():
    print("held", flush=True)
    time.sleep(600)
"""


@pytest.mark.parametrize("by", ["its path", "a link"])
def test_a_run_that_is_being_trained_is_not_touched_by_a_second_process(tmp_path, by):
    made = created(tmp_path)
    made.fail(ValueError("the loss is NaN"))
    path = made.path
    if by == "a link":
        path = tmp_path / "link"
        path.symlink_to(made.path)
    holding = [sys.executable, "-c", HOLD, str(made.path)]
    with subprocess.Popen(holding, stdout=subprocess.PIPE, text=True, cwd=ROOT) as other:
        assert other.stdout.readline() == "held\n"
        before = {each: each.stat().st_mtime_ns for each in made.path.rglob("*")}
        done = command(tmp_path, "run.py", "--dir", str(path))
        assert {each: each.stat().st_mtime_ns for each in made.path.rglob("*")} == before
        other.kill()
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    who = f"is being trained by process {other.pid} on {socket.gethostname()}"
    assert line == f"run.py: {path} {who}; wait for it, or end that first"


AS_NOBODY = """
import os, sys
from experiments.sweep import main
os.setuid(65534)
sys.exit(main())
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="needs a second user")
def test_a_run_that_another_user_closed_hides_no_other(tmp_path):
    closed = created(tmp_path / "runs")
    closed.path.chmod(0)
    tmp_path.chmod(0o755)
    done = subprocess.run(
        [sys.executable, "-c", AS_NOBODY, "stem_depth", "--preset", "smoke", "--status"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    closed.path.chmod(0o755)
    assert (done.returncode, done.stderr) == (0, "")
    states = {line.split()[0]: line for line in done.stdout.splitlines()[1:]}
    assert states["N=6"].split()[1] == "new"
    assert "damaged" in states["N=9"] and "cannot be read (Permission denied)" in states["N=9"]


def created(runs):
    config = override(PRESETS["smoke"](), {"model.stem_depth": 9})
    path = runs / "stem_depth" / f"N=9-{signature(config)}"
    return RunDirectory.create(path, config, label="N=9", sweep="stem_depth", parents={})
