"""Sweeps in processes of their own, whose trainings are those of fake_runner.py."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from unify.records import RunDirectory

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).parent


def start_sweep(
    folder: Path,
    environment: Mapping[str, str],
    *arguments: str,
    name: str = "stem_depth",
    root: Path = ROOT,
) -> subprocess.Popen[str]:
    """A sweep of the smoke preset with the code at `root`, started in `folder`."""
    command = [sys.executable, str(HERE / "fake_runner.py"), name, "--preset", "smoke"]
    paths = os.pathsep.join([str(root), str(HERE)])
    return subprocess.Popen(
        [*command, *arguments],
        cwd=folder,
        env={**environment, "PYTHONPATH": paths},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def ended(process: subprocess.Popen[str], seconds: float = 60) -> tuple[int, str]:
    """Exit status and all that was printed, once it has ended."""
    output, _ = process.communicate(timeout=seconds)
    return process.returncode, output


def run_of(folder: Path, name: str) -> RunDirectory:
    """The run of a label, or of a warm start's part."""
    (path,) = folder.glob(f"runs/*/{name}-????????????")
    return RunDirectory(path)


def trained(run: RunDirectory) -> int:
    """How often a run was trained."""
    return run.log_path.read_text().count("training ")
