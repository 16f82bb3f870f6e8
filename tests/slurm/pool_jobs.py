"""Jobs for the tests of the pool; imported by name in the jobs' processes."""

import os
import signal
import subprocess
import time
from pathlib import Path


def mark(path: str) -> None:
    Path(path).write_text(
        " ".join([os.environ.get("CUDA_VISIBLE_DEVICES", "unset"), str(os.getpid())])
    )


def nap(path: str, seconds: str) -> None:
    start = time.time()
    time.sleep(float(seconds))
    Path(path).write_text(f"{start} {time.time()}")


def fail(message: str) -> None:
    raise ValueError(message)


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def linger(path: str) -> None:
    """Never ends by itself, nor does the process that it starts."""
    child = subprocess.Popen(["sleep", "600"])
    Path(path).write_text(f"{os.getpid()} {child.pid}")
    try:
        time.sleep(600)
    finally:
        child.kill()
        child.wait()


def resist(path: str) -> None:
    """Ignores all requests to end."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    Path(path).write_text(str(os.getpid()))
    time.sleep(600)
