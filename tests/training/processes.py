"""Starts `worker.py` and reads what its jobs leave behind."""

import json
import os
import shutil
import socket
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from tensorboard.backend.event_processing.event_file_loader import EventFileLoader
from torch import Tensor

from unify.records import RunDirectory

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
CLUSTER = ("RANK", "WORLD_SIZE", "LOCAL_RANK", "MASTER_ADDR", "MASTER_PORT")
State = dict[str, Tensor]


@dataclass
class Runs:
    """Trainings below one folder, all from one seed."""

    folder: Path
    seed: int

    def start(self, *jobs: dict[str, Any], processes: int = 1) -> int:
        """Run jobs one after the other in new processes; return the exit status."""
        listed = [{**job, "out": str(self.folder / job["out"])} for job in jobs]
        spec = self.folder / "jobs.json"
        spec.write_text(json.dumps({"seed": self.seed, "jobs": listed}))
        command = [sys.executable, *torchrun(processes), str(HERE / "worker.py"), str(spec)]
        environment = {k: v for k, v in os.environ.items() if k not in CLUSTER}
        environment |= {"PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}", "OMP_NUM_THREADS": "1"}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=150)
        print(done.stdout[-2000:], done.stderr[-4000:])
        return done.returncode

    def copy(self, out: str, to: str) -> None:
        """Another folder that begins as this one is now."""
        shutil.copytree(self.folder / out, self.folder / to)

    def outcome(self, out: str, rank: int = 0) -> dict[str, Any]:
        """What the last job in a folder returned, in one of its processes."""
        name = f"outcome-{rank}.json" if rank else "outcome.json"
        return json.loads((self.folder / out / name).read_text())

    def weights(self, out: str, moment: str = "end") -> State:
        """A model at the start of a stage (`stage-1`, `stage-2`) or at the end."""
        return load_file(self.folder / out / f"{moment}.safetensors")

    def rows(self, out: str) -> list[dict[str, float]]:
        """The rows of `metrics.jsonl`."""
        return RunDirectory(self.folder / out).metrics_log.rows()

    def curves(self, out: str) -> list[tuple[str, int, float]]:
        """Tag, step and value of all that TensorBoard's files hold."""
        files = (self.folder / out / "tensorboard").iterdir()
        events = [event for path in files for event in EventFileLoader(str(path)).Load()]
        found = [(v.tag, e.step, v.tensor.float_val[0]) for e in events for v in e.summary.value]
        return sorted(found)


def torchrun(processes: int) -> list[str]:
    """What stands before the script to start it in several processes."""
    if processes == 1:
        return []
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    place = ["--master_addr", "127.0.0.1", "--master_port", port]
    return ["-m", "torch.distributed.run", "--nproc_per_node", str(processes), *place]


def assert_trained_alike(found: State, expected: State, start: State) -> None:
    """Same weights after training but for rounding.

    AdamW makes whole steps of rounding where a gradient is next to nothing, so single weights may
    differ by more than rounding. Each tensor must agree to 1 % of how far it moved, on average,
    and all together to a hundredth of that. (An optimiser state that is not reset at the switch
    of stages is 40 % off.)
    """
    assert found.keys() == expected.keys()
    apart, moved = [], []
    for name, value in expected.items():
        if value.is_floating_point():
            seen = has_gradient(name, value)
            apart.append((found[name] - value).abs()[seen])
            moved.append((value - start[name]).abs()[seen])
            assert apart[-1].sum() <= 0.01 * moved[-1].sum(), name
    assert torch.cat(apart).mean() <= 1e-4 * torch.cat(moved).mean()


def assert_same_weights(found: State, expected: State) -> None:
    """Each tensor to 1e-5 of its length, where it has a gradient; 1e-7 is what was seen."""
    for name, value in expected.items():
        seen = has_gradient(name, value)
        apart = (found[name] - value)[seen].double().norm()
        assert apart <= 1e-5 * value[seen].double().norm(), name


def has_gradient(name: str, value: Tensor) -> Tensor:
    """Where a weight has a gradient: softmax does not see the biases of keys."""
    seen = torch.ones_like(value, dtype=torch.bool)
    if name.endswith("attention.self.key.bias"):
        seen[:] = False
    if name.endswith("qkv.bias"):
        seen.chunk(3)[1][:] = False
    return seen
