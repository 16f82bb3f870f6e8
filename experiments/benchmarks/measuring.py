"""Times in turn, and the memory that a call needs beyond what is there."""

import ctypes
import time
from collections.abc import Callable, Hashable, Mapping
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from statistics import median
from typing import TypeVar

import torch

Key = TypeVar("Key", bound=Hashable)
Call = Callable[[], object]

STATUS, RESET = Path("/proc/self/status"), Path("/proc/self/clear_refs")
"""Linux's own counts of this process's memory, and the file that sets their peak back."""
COPIED = 2**28
"""Bytes of the copy that a device's bandwidth is measured with."""


def synchronise(device: torch.device) -> None:
    """Wait until the device has done what it was given."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def alternate(
    contestants: Mapping[Key, Call],
    repeats: int,
    device: torch.device,
    around: Callable[[Key], AbstractContextManager] = nullcontext,
) -> dict[Key, float]:
    """Median seconds of each call, all of them in turn, over and over.

    In turn and in the order given, so that whatever else this machine does falls on all of them
    alike, and a call may take up what the one before it has left. Warm up before. What `around`
    does before and after a call is not timed.
    """
    times: dict[Key, list[float]] = {name: [] for name in contestants}
    for _ in range(repeats):
        for name, call in contestants.items():
            with around(name):
                times[name].append(seconds(call, device))
    return {name: median(found) for name, found in times.items()}


def seconds(call: Call, device: torch.device) -> float:
    """What one call takes, until the device has done it."""
    synchronise(device)
    start = time.perf_counter()
    call()
    synchronise(device)
    return time.perf_counter() - start


class Memory:
    """By how many bytes memory grows at most from a moment on.

    On CUDA that is what PyTorch has allocated. On a CPU it is resident memory: the C library first
    gives back what it keeps of freed memory, so that nothing is hidden in there. Libraries keep
    buffers of their first use, and garbage with cycles stays until it is collected: see to both
    before.
    """

    def __init__(self, device: torch.device) -> None:
        """Begin now."""
        self.device = device
        if device.type == "cuda":
            synchronise(device)
            torch.cuda.reset_peak_memory_stats(device)
            self.before = torch.cuda.memory_allocated(device)
        else:
            self.before = _resident("VmRSS") if _peak_set_back() else None

    def extra(self) -> int | None:
        """Bytes since then; None where the system has no /proc that tells it."""
        if self.device.type == "cuda":
            synchronise(self.device)
            return torch.cuda.max_memory_allocated(self.device) - self.before
        return None if self.before is None else max(0, _resident("VmHWM") - self.before)


def extra_memory(call: Call, device: torch.device) -> int | None:
    """Bytes by which memory grows at most while a call runs, what it returns included."""
    memory = Memory(device)
    kept = call()
    extra = memory.extra()
    del kept
    return extra


def copy_bandwidth(device: torch.device, repeats: int = 5) -> float:
    """Bytes a second, read and written, of a copy within the device's memory."""
    source = torch.ones(COPIED // 4, device=device)
    target = torch.empty_like(source)
    target.copy_(source)
    taken = alternate({"copy": lambda: target.copy_(source)}, repeats, device)
    return 2 * COPIED / taken["copy"]


def _peak_set_back() -> bool:
    """Whether freed memory is given back and the peak of what is resident set to what is now."""
    try:
        ctypes.CDLL(None).malloc_trim(0)
        RESET.write_text("5")
    except (OSError, AttributeError):
        return False
    return True


def _resident(name: str) -> int:
    (line,) = [line for line in STATUS.read_text().splitlines() if line.startswith(f"{name}:")]
    return 1024 * int(line.split()[1])
