"""What a process in a SLURM job knows about its job."""

import math
import os
from datetime import datetime

from slurm.queue import SlurmError, fields_of

PORTS = range(20000, 30000)
"""Below the ports that systems give to outgoing connections (from 32768 on Linux)."""

NEEDED = (
    "SLURM_JOB_ID",
    "SLURM_JOB_NODELIST",
    "SLURM_NTASKS",
    "SLURM_PROCID",
    "SLURM_LOCALID",
    "SLURM_JOB_NUM_NODES",
)
"""Variables of which the ranks are made; srun sets them in each task."""


def job_id() -> str | None:
    """The id of this job, "101", or of this element of an array, "101_3"; None outside SLURM."""
    array = os.environ.get("SLURM_ARRAY_JOB_ID")
    if array is not None:
        return f"{array}_{os.environ['SLURM_ARRAY_TASK_ID']}"
    return os.environ.get("SLURM_JOB_ID")


def restarts() -> int:
    """How often SLURM has put this job back into the queue, for whatever reason."""
    return int(os.environ.get("SLURM_RESTART_COUNT", "0"))


def state() -> str:
    """SLURM's word for this job; RUNNING unless SLURM ends it already. Raises SlurmError."""
    return fields_of(job_id())["JobState"]


def is_preempted() -> bool:
    """Whether this job has to give way to another one; False where SLURM does not say."""
    return _fields().get("PreemptTime", "None") != "None"


def seconds_left() -> float:
    """Until this job's time limit; infinite where SLURM does not say."""
    try:
        return (datetime.fromisoformat(_fields()["EndTime"]) - datetime.now()).total_seconds()
    except (ValueError, KeyError):
        return math.inf


def _fields() -> dict[str, str]:
    try:
        return fields_of(job_id())
    except SlurmError:
        return {}


def export_ranks() -> None:
    """Set what torch.distributed and DeepSpeed read, before they are imported.

    RANK, WORLD_SIZE, LOCAL_RANK, LOCAL_WORLD_SIZE; MASTER_ADDR, the first node; MASTER_PORT, from
    SLURM's own number of the job, which each element of an array has for itself. Whatever was set
    before is replaced. Raises SlurmError where srun did not start this process.
    """
    if missing := [name for name in NEEDED if name not in os.environ]:
        raise SlurmError(f"{', '.join(missing)} not set: start this with srun in a SLURM job")
    from submitit.helpers import TorchDistributedEnvironment  # not before it is needed

    number = int(os.environ["SLURM_JOB_ID"])
    os.environ["MASTER_PORT"] = str(PORTS[number % len(PORTS)])
    os.environ["SUBMITIT_EXECUTOR"] = "slurm"
    TorchDistributedEnvironment().export(set_cuda_visible_devices=False, overwrite=True)
