"""This machine, and how jobs share it (no torch)."""

import os
import subprocess
from pathlib import Path

RUN_BYTES = 2.5 * 2**30
"""Memory that a run of the miniature preset is given room for."""
MOST_JOBS = 8
"""No more jobs at once than this unless asked for."""


def slots(jobs: int | None = None) -> list[dict[str, str]]:
    """One set of environment variables for each of `jobs` runs at once.

    Cores are shared evenly; with CUDA devices each run has one to itself. By default as many runs
    as devices, or else as cores and free memory allow.
    """
    devices = cuda_devices()
    count = jobs or len(devices) or _jobs_on_cpu()
    threads = str(max(1, cores() // count))
    share = {"OMP_NUM_THREADS": threads, "MKL_NUM_THREADS": threads}
    if not devices:
        return [{**share, "CUDA_VISIBLE_DEVICES": "", "DS_ACCELERATOR": "cpu"}] * count
    return [{**share, "CUDA_VISIBLE_DEVICES": devices[k % len(devices)]} for k in range(count)]


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0))


def cuda_devices() -> list[str]:
    """Names of the visible CUDA devices, as CUDA_VISIBLE_DEVICES takes them."""
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    if visible is not None:
        return [name.strip() for name in visible.split(",") if name.strip() not in ("", "-1")]
    try:
        listed = subprocess.run(["nvidia-smi", "-L"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return []
    return [str(k) for k, line in enumerate(_gpu_lines(listed.stdout))]


def _gpu_lines(listing: str) -> list[str]:
    return [line for line in listing.splitlines() if line.startswith("GPU ")]


def _jobs_on_cpu() -> int:
    return max(1, min(cores(), MOST_JOBS, int(_free_bytes() // RUN_BYTES)))


def _free_bytes() -> float:
    for line in Path("/proc/meminfo").read_text().splitlines():
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) * 1024
    return RUN_BYTES
