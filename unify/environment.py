"""What surrounded a run: code, packages, machine (never imports torch)."""

import os
import platform
import socket
import subprocess
import sys
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

PREFIXES = ("SLURM_", "CUDA_", "NCCL_", "DS_", "OMP_", "MKL_", "RANK", "WORLD_SIZE", "LOCAL_RANK")
"""Environment variables that are worth keeping."""


def environment() -> dict[str, Any]:
    """Host, interpreter, package versions, variables, command line and git state."""
    return {
        "host": socket.gethostname(),
        "platform": platform.platform(),
        "cpus": len(os.sched_getaffinity(0)),
        "python": platform.python_version(),
        "packages": _packages(),
        "variables": {k: v for k, v in sorted(os.environ.items()) if k.startswith(PREFIXES)},
        "command": sys.argv,
        "git": {"commit": _git("rev-parse", "HEAD").strip(), "dirty": bool(code_diff())},
    }


def code_diff() -> str:
    """What the checkout changed against its commit; empty outside a checkout."""
    return _git("diff", "HEAD")


def _packages() -> dict[str, str]:
    return {d.metadata["Name"]: d.version for d in sorted(distributions(), key=lambda d: d.name)}


def _git(*arguments: str) -> str:
    command = ["git", "-C", str(Path(__file__).parent), *arguments]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return ""
