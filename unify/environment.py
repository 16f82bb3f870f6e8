"""What surrounded a run: code, packages, machine (never imports torch)."""

import os
import platform
import socket
import subprocess
import sys
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

from unify.code_state import code_state

PREFIXES = ("SLURM_", "CUDA_", "NCCL_", "DS_", "OMP_", "MKL_", "RANK", "WORLD_SIZE", "LOCAL_RANK")
"""Environment variables that are worth keeping."""


def environment() -> dict[str, Any]:
    """Host, processor, GPUs, packages, variables, command line and git state."""
    return {
        "host": socket.gethostname(),
        "platform": platform.platform(),
        "cpus": len(os.sched_getaffinity(0)),
        "processor": _processor(),
        "python": platform.python_version(),
        "packages": _packages(),
        "variables": {k: v for k, v in sorted(os.environ.items()) if k.startswith(PREFIXES)},
        "command": sys.argv,
        "gpus": _gpus(),
        "git": {name: value for name, value in code_state().items() if name != "diff"},
    }


def code_diff() -> str:
    """What the code changed against its commit; empty outside git."""
    return code_state()["diff"]


def _packages() -> dict[str, str]:
    return {d.metadata["Name"]: d.version for d in sorted(distributions(), key=lambda d: d.name)}


def _processor() -> str:
    """The processor's name, as Linux gives it; empty elsewhere."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return ""
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else ""


def _gpus() -> list[str]:
    """Name and driver version of each GPU; empty where there is no nvidia-smi."""
    query = "--query-gpu=name,driver_version"
    return _output("nvidia-smi", query, "--format=csv,noheader").splitlines()


def _output(*command: str) -> str:
    """What a command prints; empty where it is missing or fails."""
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return ""
