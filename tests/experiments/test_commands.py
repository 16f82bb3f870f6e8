"""What the commands answer, in processes of their own."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

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
