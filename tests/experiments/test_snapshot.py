"""Jobs run the code that there was when they were submitted."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from experiments import snapshot as snapshots
from experiments.snapshot import Snapshot
from unify.code_state import code_state

ROOT = Path(__file__).resolve().parents[2]


def imported(variables, cwd):
    """Where a job, started in the checkout, finds its code, and what state it records."""
    code = "import unify, experiments.job; from unify.code_state import code_state\n"
    code += "print(unify.__file__, experiments.job.__file__, code_state()['snapshot'])"
    command = [sys.executable, "-c", code]
    environment = {**os.environ, **variables}
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_a_job_started_in_the_checkout_imports_the_snapshot(tmp_path):
    snapshot = Snapshot(tmp_path)
    assert not snapshot.path.exists()
    snapshot.take()
    assert imported(snapshot.variables(str(ROOT)), ROOT) == [
        str(snapshot.path / "unify/__init__.py"),
        str(snapshot.path / "experiments/job.py"),
        snapshot.path.name,
    ]


def test_a_snapshot_records_the_checkout_it_was_taken_of(tmp_path):
    snapshot = Snapshot(tmp_path)
    snapshot.take()
    now = code_state()
    assert code_state(snapshot.path) == {**now, "snapshot": snapshot.path.name}


def test_the_same_code_is_copied_once_and_other_code_beside_it(tmp_path, monkeypatch):
    code = tmp_path / "checkout"
    (code / "unify").mkdir(parents=True)
    (code / "unify" / "a.py").write_text("one")
    monkeypatch.setattr(snapshots, "ROOT", code)
    first = Snapshot(tmp_path / "runs")
    first.take()
    stamp = first.path.stat().st_mtime_ns
    Snapshot(tmp_path / "runs").take()
    assert first.path.stat().st_mtime_ns == stamp

    (code / "unify" / "a.py").write_text("two")
    second = Snapshot(tmp_path / "runs")
    second.take()
    assert second.path != first.path
    assert (first.path / "unify" / "a.py").read_text() == "one"
    assert (second.path / "unify" / "a.py").read_text() == "two"
    assert sorted(p.name for p in first.path.parent.iterdir()) == sorted(
        [first.path.name, second.path.name]
    )


def test_a_copy_that_fails_leaves_nothing(tmp_path, monkeypatch):
    def full(*arguments):
        raise OSError("No space left on device")

    monkeypatch.setattr(snapshots.shutil, "copy2", full)
    snapshot = Snapshot(tmp_path)
    with pytest.raises(OSError, match="No space"):
        snapshot.take()
    assert list(snapshot.path.parent.iterdir()) == []
