"""Checkpoints that are whole or absent.

DeepSpeed names its newest checkpoint before all processes have written theirs, so its `latest` is
not read: a checkpoint counts once it was renamed from its hidden folder, after a barrier.
"""

import shutil
from pathlib import Path

import deepspeed
import torch.distributed as dist

from unify.files import read_json, write_json
from unify.records import CHECKPOINT_RECORD, whole_checkpoints
from unify.training.distributed import rank, world_size

TAG = "state"
KEPT = 2


def save(engine: deepspeed.DeepSpeedEngine, folder: Path, step: int) -> None:
    """Write `step-<step>` with what all processes hold; every process must call it."""
    partial = folder / f".partial-step-{step:07d}"
    if rank() == 0:
        for left in folder.glob(".partial-step-*"):  # by a process that was killed
            shutil.rmtree(left)
    dist.barrier()
    engine.save_checkpoint(str(partial), tag=TAG, save_latest=False)
    dist.barrier()
    if rank() == 0:
        write_json(partial / CHECKPOINT_RECORD, {"step": step, "processes": world_size()})
        whole = folder / f"step-{step:07d}"
        shutil.rmtree(whole, ignore_errors=True)
        partial.rename(whole)
        for old in whole_checkpoints(folder)[:-KEPT]:
            shutil.rmtree(old)
    dist.barrier()


def load_newest(engine: deepspeed.DeepSpeedEngine, folder: Path) -> int:
    """Load the newest whole checkpoint, if there is one; return the number of steps done.

    Raises:
        ValueError: if it was written by another number of processes.
    """
    found = whole_checkpoints(folder)
    if not found:
        return 0
    record = read_json(found[-1] / CHECKPOINT_RECORD)
    if record["processes"] != world_size():
        raise ValueError(
            f"{found[-1]} was written by {record['processes']} processes, this run has "
            f"{world_size()}; start {record['processes']}, or delete {folder} to begin anew"
        )
    engine.load_checkpoint(str(found[-1]), tag=TAG)
    return record["step"]


def remove_all(folder: Path) -> None:
    """Free the space: a finished run keeps its weights in `model.safetensors`."""
    shutil.rmtree(folder, ignore_errors=True)
