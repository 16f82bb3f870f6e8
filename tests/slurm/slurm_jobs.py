"""Jobs for the tests on a cluster; imported by name in the jobs' processes."""

import json
import os
import signal
import time
from pathlib import Path

from slurm import inside, queue


def note(path: str | Path, text: str) -> None:
    """Leave a file that is whole once it is there."""
    draft = Path(f"{path}.draft")
    draft.write_text(text)
    draft.rename(path)


def nap(path: str, seconds: str) -> None:
    start = time.time()
    time.sleep(float(seconds))
    note(path, f"{start} {time.time()}")


def fail(path: str) -> None:
    note(path, "began")
    raise ValueError("no clip")


def look(path: str, other: str) -> None:
    """Note what another task has left so far."""
    note(path, Path(other).read_text())


def linger(path: str) -> None:
    """Note each life; wait to be ended."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # submitit ignores it
    life = json.dumps([inside.job_id(), os.environ["SLURM_JOB_NAME"], inside.restarts()])
    with Path(path).open("a") as file:
        file.write(life + "\n")
    time.sleep(600)


def requeue_once(path: str) -> None:
    """Put itself back into the queue in its first life; note whether that went well."""
    if inside.restarts() > 0:
        return linger(path)
    queue.requeue(inside.job_id())
    note(Path(path).with_suffix(".asked"), "well")


def ranks(folder: str) -> None:
    """Note what torch.distributed would see."""
    inside.export_ranks()
    names = ("RANK", "WORLD_SIZE", "LOCAL_RANK", "LOCAL_WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT")
    more = ("SLURM_JOB_ID", "OMP_NUM_THREADS", "GREETING", "LINE", "PYTHONPATH")
    seen = {name: os.environ.get(name) for name in names + more}
    seen["host"] = os.uname().nodename
    note(Path(folder, f"{os.environ['SLURM_PROCID']}.json"), json.dumps(seen))
