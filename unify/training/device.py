"""Which device a run uses."""

import os

import torch


def choose_device(name: str = "auto") -> torch.device:
    """`auto` takes this process's CUDA device where there is one, else the CPU.

    DeepSpeed asks for its accelerator when it is imported, so this comes first.
    """
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    if name == "cpu":
        os.environ["DS_ACCELERATOR"] = "cpu"
        return torch.device("cpu")
    device = torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0")))
    torch.cuda.set_device(device)
    return device
