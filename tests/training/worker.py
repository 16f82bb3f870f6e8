"""Tiny trainings in processes of their own: joining changes a process for good.

  python worker.py JOBS.json                           (or with torchrun)

JOBS.json holds `{"seed": ..., "jobs": [{"job": NAME, "out": FOLDER, ...}, ...]}`; each job leaves
an `outcome.json` in its folder, and an `outcome-<rank>.json` for each other process.
"""

import json
import os
import resource
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from unify.training.device import choose_device

DEVICE = choose_device("cpu")
LARGE = 4096
"""Bytes that a shard has more of."""

import torch  # noqa: E402
import torch.distributed as dist  # noqa: E402
from safetensors.torch import save_file  # noqa: E402
from tiny_training import (  # noqa: E402
    Stream,
    batch,
    make_objective,
    make_task,
    run_config,
    save,
    share,
)

from unify.attempts import Attempts, Claim, ClaimLost, Holder  # noqa: E402
from unify.interruption import Interrupted, listening  # noqa: E402
from unify.records import RunDirectory  # noqa: E402
from unify.training import checkpoint  # noqa: E402
from unify.training.distributed import CLUSTER, join, rank, world_size  # noqa: E402
from unify.training.engine import make_engine  # noqa: E402
from unify.training.loop import train  # noqa: E402
from unify.training.timer import Timer  # noqa: E402
from unify.training.watch import Watch  # noqa: E402


def half_joined(seed: int, out: Path) -> dict[str, Any]:
    """What `join` says when only some of the variables are set, by what is set."""
    said = {}
    for given in (["WORLD_SIZE"], ["RANK"], ["RANK", "WORLD_SIZE", "LOCAL_RANK", "MASTER_ADDR"]):
        os.environ.update({name: "1" for name in given})
        try:
            join(DEVICE)
        except ValueError as error:
            said[" ".join(given)] = str(error)
        if dist.is_initialized():
            raise SystemExit(f"joined with {given}")
        for name in CLUSTER:
            os.environ.pop(name, None)
    return said


def gradients(seed: int, out: Path, step: int) -> dict[str, Any]:
    """The terms of a step, and its gradients averaged over processes as the engine does."""
    objective = make_objective(run_config(seed))
    loss, report = objective(share(batch(seed, step)), step)
    loss.backward()
    found = {}
    for name, parameter in objective.model.named_parameters():
        if parameter.grad is not None:
            dist.all_reduce(parameter.grad)
            found[name] = parameter.grad / world_size()
    if rank() == 0:
        save_file(found, out / "gradients.safetensors")
    return {name: float(value) for name, value in report.items()}


def training(
    seed: int,
    out: Path,
    stop: int | None = None,
    spoil: int | None = None,
    killed: int | None = None,
    signals: list[list] | None = None,
    taken: int | None = None,
    spoil_gradient: int | None = None,
    limited: int | None = None,
    **settings: Any,
) -> dict[str, Any]:
    """The real loop, from the newest checkpoint in `out`; `killed` ends the process, `signals`
    says at which step which process gets which signal, `taken` at which somebody takes the run,
    `limited` from which the second process may write small files only."""
    config = run_config(seed, **settings)
    stream = Stream(seed, stop if killed is None else killed, spoil, signals or [])
    task = make_task(config, stream, out)
    engine = make_engine(task.objective, task.groups, config.plan, config.engine)
    if spoil_gradient is not None:
        stream.at[spoil_gradient] = lambda: spoil_gradients(task.objective)
    if limited is not None and rank() == 1:
        stream.at[limited] = lambda: limit_files(LARGE)
    norms = record_norms(engine)
    error = None
    try:
        with listening(), claimed(out, taken, stream) as claim, recorded_saves() as saves:
            train(engine, task, RunDirectory(out), config.engine, Watch(DEVICE, claim), Timer())
    except Exception as found:
        if killed is not None:
            os.kill(os.getpid(), signal.SIGKILL)
        error = f"{type(found).__name__}: {found}"
    limit_files(resource.RLIM_INFINITY)
    save(task.objective, out / "end.safetensors")
    engine.destroy()
    return {"error": error, "norms": norms, "saves": saves, "replaced": task.replaced}


def phases(seed: int, out: Path) -> dict[str, Any]:
    """What becomes of work that ends early in one process, by its name."""
    watch, said = Watch(DEVICE), {}

    def asked() -> None:
        os.kill(os.getpid(), signal.SIGUSR2)
        watch.check()

    def asked_too_late() -> None:
        os.kill(os.getpid(), signal.SIGTERM)

    def lost() -> None:
        raise ClaimLost("by the first alone")

    for work in (asked, asked_too_late, lost):
        with listening():
            for name, part in (("work", lambda w=work: watch.first(w)), ("meeting", watch.meet)):
                try:
                    part()
                    error = None
                except (Interrupted, ClaimLost) as found:
                    error = f"{type(found).__name__}: {found}"
                said[f"{work.__name__}, {name}"] = error
    return said


@contextmanager
def claimed(out: Path, taken: int | None, stream: Stream) -> Iterator[Claim | None]:
    """Rank 0's claim; at the step `taken` a new life of its SLURM job elsewhere has the run."""
    if taken is None or rank() != 0:
        yield None
        return
    with RunDirectory(out).claim(job="7") as claim:
        stream.at[taken] = lambda: Attempts(out).claim(Holder(host="elsewhere", job="7"))
        yield claim


def spoil_gradients(objective: torch.nn.Module) -> None:
    """Let the next gradient of one parameter be infinite."""
    parameter = next(p for p in objective.parameters() if p.requires_grad)
    parameter.register_hook(lambda gradient: gradient / 0)


def limit_files(size: int) -> None:
    """Let this process write no file larger than so many bytes: the error is the system's."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


@contextmanager
def recorded_saves() -> Iterator[list[int]]:
    """How many optimiser steps were done at each checkpoint."""
    saves: list[int] = []
    write = checkpoint.save

    def recorded(engine: Any, folder: Path, step: int, notes: Any) -> None:
        write(engine, folder, step, notes)
        saves.append(step)

    checkpoint.save = recorded
    try:
        yield saves
    finally:
        checkpoint.save = write


def record_norms(engine: Any) -> list[float]:
    """The gradient norm before clipping, of each step that the engine takes from now on."""
    norms: list[float] = []
    step = engine.step

    def recorded() -> None:
        step()
        norms.append(float(engine.get_global_grad_norm() or 0.0))

    engine.step = recorded
    return norms


JOBS = {"half_joined": half_joined, "gradients": gradients, "training": training, "phases": phases}


def main() -> None:
    """Do all jobs in turn."""
    spec = json.loads(Path(sys.argv[1]).read_text())
    for job in spec["jobs"]:
        kind, out = JOBS[job.pop("job")], Path(job.pop("out"))
        if kind is not half_joined:
            join(DEVICE)
        out.mkdir(parents=True, exist_ok=True)
        outcome = kind(spec["seed"], out, **job)
        name = f"outcome-{rank()}.json" if rank() else "outcome.json"
        (out / name).write_text(json.dumps(outcome))
        if dist.is_initialized():
            dist.barrier()


if __name__ == "__main__":
    torch.set_num_threads(1)
    main()
