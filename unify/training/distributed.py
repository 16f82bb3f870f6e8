"""Processes of one run: who am I, start and end, and features of all processes with gradients."""

import atexit
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TypeVar

import deepspeed
import torch
import torch.distributed as dist
from torch import Tensor

from unify.interruption import PeerFailed

Value = TypeVar("Value")

WAITING = timedelta(hours=12)
"""The others wait while the first process evaluates; one that dies is noticed without this."""
CLUSTER = ("RANK", "WORLD_SIZE", "LOCAL_RANK", "MASTER_ADDR", "MASTER_PORT")
"""DeepSpeed asks MPI unless all five are set."""


def rank() -> int:
    """This process's number, 0 when alone."""
    return int(os.environ.get("RANK", "0"))


def world_size() -> int:
    """Processes of this run."""
    return int(os.environ.get("WORLD_SIZE", "1"))


def join(device: torch.device) -> None:
    """Join the run's processes, once in a process's life; leave in order when it exits.

    Without that leave, processes that have done all their work may abort at exit.

    Raises:
        ValueError: if some but not all of the five variables that name the processes are set.
    """
    if dist.is_initialized():
        return
    given = [name for name in CLUSTER if name in os.environ]
    missing = [name for name in CLUSTER if name not in os.environ]
    if given and missing:
        raise ValueError(
            f"{', '.join(given)} set but not {', '.join(missing)}: start several processes with "
            "torchrun, or unset them all for one"
        )
    alone = {"RANK": "0", "WORLD_SIZE": "1", "LOCAL_RANK": "0", "MASTER_ADDR": "127.0.0.1"}
    for name in missing:
        os.environ[name] = alone.get(name) or str(_free_port())
    # Only inference uses this operator, and building it takes a compiler and half a minute.
    deepspeed.ops.__compatible_ops__["deepspeed_shm_comm"] = False
    backend = "nccl" if device.type == "cuda" else "gloo"
    deepspeed.init_distributed(backend, timeout=WAITING)
    atexit.register(dist.destroy_process_group)


class _Gather(torch.autograd.Function):
    """Rows of all processes, in rank order."""

    @staticmethod
    def forward(ctx, rows: Tensor, dtype: torch.dtype) -> Tensor:
        sent = rows.to(dtype).contiguous()
        found = sent.new_empty(dist.get_world_size() * len(sent), *sent.shape[1:])
        dist.all_gather_into_tensor(found, sent)
        return found.to(rows.dtype)

    @staticmethod
    def backward(ctx, gradient: Tensor) -> tuple[Tensor, None]:
        own = gradient.new_empty(len(gradient) // dist.get_world_size(), *gradient.shape[1:])
        dist.reduce_scatter_tensor(own, gradient.contiguous())
        return own, None


class _Mean(torch.autograd.Function):
    @staticmethod
    def forward(ctx, value: Tensor) -> Tensor:
        return total(value) / dist.get_world_size()

    @staticmethod
    def backward(ctx, gradient: Tensor) -> Tensor:
        return gradient


def gather(rows: Tensor, dtype: torch.dtype | None = None) -> Tensor:
    """(b, ...) of each process to (W * b, ...), in rank order; needs equal row counts.

    With gradients for a loss that is the mean of the processes' own losses, as the engine averages
    parameters' gradients over processes: each row's is summed over the processes that used it.

    Args:
        rows: of this process.
        dtype: what they are sent in; None: their own.
    """
    return rows if world_size() == 1 else _Gather.apply(rows, dtype or rows.dtype)


def mean(value: Tensor) -> Tensor:
    """Of all processes' values; its gradients are right under the engine's averaging, too, where
    every process has the same loss of it."""
    return value if world_size() == 1 else _Mean.apply(value)


def total(value: Tensor) -> Tensor:
    """Sum of a detached value over processes."""
    value = value.detach().clone()
    if world_size() > 1:
        dist.all_reduce(value)
    return value


def largest(value: int, device: torch.device) -> int:
    """The largest of all processes' values; each waits for all others."""
    if world_size() == 1:
        return value
    shared = torch.tensor(value, device=device)
    dist.all_reduce(shared, dist.ReduceOp.MAX)
    return int(shared)


@contextmanager
def peers() -> Iterator[None]:
    """Raise PeerFailed in place of what a broken connection to another process raises."""
    try:
        yield
    except RuntimeError as error:
        of_gloo = type(error) is RuntimeError and "/gloo/" in str(error).partition("]")[0]
        if not (of_gloo or isinstance(error, dist.DistError)):
            raise
        raise PeerFailed(
            "the connection to another process of this run is lost: it was probably killed; the "
            "same command goes on from the last checkpoint"
        ) from error


def everyone(value: Value) -> list[Value]:
    """The values of all processes, in rank order; each waits for all others."""
    if world_size() == 1:
        return [value]
    values: list[Value] = [None] * world_size()
    dist.all_gather_object(values, value)
    return values


def together(work: Callable[[], Value]) -> Value:
    """Each process's own work; where it fails in one, none goes on.

    Raises what the work raised, and in the other processes PeerFailed with its message.
    """
    result, error = None, None
    try:
        result = work()
    except Exception as found:
        error = found
    failures = everyone(None if error is None else str(error))
    if error is not None:
        raise error
    for number, failure in enumerate(failures):
        if failure is not None:
            raise PeerFailed(f"process {number} of this run failed: {failure}")
    return result


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
