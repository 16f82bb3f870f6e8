"""What a device's matrix products reach at best: measured on the spot, and as specified."""

from functools import partial

import torch

from experiments.benchmarks.measuring import seconds

SPECIFIED = {"A100": 312e12, "H100": 989e12, "H200": 989e12}
"""Dense bfloat16 operations a second, by NVIDIA's data sheets (SXM)."""
SIDES = {"cpu": (1024, 2048), "cuda": (4096, 8192)}
REPEATS = 5


def measured_peak(device: torch.device, dtype: torch.dtype) -> float:
    """Operations a second of the fastest of some bare products of square matrices."""
    return max(_rate(side, device, dtype) for side in SIDES[device.type])


def specified_peak(device: torch.device) -> float | None:
    """Of this device's data sheet, in bfloat16; None where it is not known here."""
    if device.type != "cuda":
        return None
    name = torch.cuda.get_device_name(device)
    return next((peak for part, peak in SPECIFIED.items() if part in name), None)


def _rate(side: int, device: torch.device, dtype: torch.dtype) -> float:
    left, right = (torch.randn(side, side, device=device).to(dtype) for _ in range(2))
    product = torch.empty_like(left)
    multiply = partial(torch.mm, left, right, out=product)
    multiply()
    return 2 * side**3 / min(seconds(multiply, device) for _ in range(REPEATS))
