"""One process of `zero_stages.py`: times steps under all engines in turn; the first one reports.

  python -m torch.distributed.run --nproc-per-node 2 -m experiments.benchmarks.zero_worker \\
      --preset mini --batch 32 --repeats 5 --output FILE
"""

import gc
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from experiments.benchmarks.measuring import alternate, extra_memory
from experiments.options import Parser, name_of, positive
from unify.config import PRESETS, RunConfig
from unify.files import write_json
from unify.training.device import choose_device

WARM_UP = 3
"""Steps before any is timed, whose losses must agree."""


def main(argv: Sequence[str] | None = None) -> int:
    """0, with the figures of all engines in the file."""
    parser = Parser(prog="zero_worker.py", description=__doc__)
    parser.add_argument("--preset", type=name_of("preset", PRESETS), required=True)
    parser.add_argument("--batch", type=positive, required=True)
    parser.add_argument("--repeats", type=positive, required=True)
    parser.add_argument("--output", type=Path, required=True)
    options = parser.parse_args(argv)
    device = choose_device()
    found = measure(_config(options.preset, options.batch), device, options.repeats)
    if found["rank"] == 0:
        write_json(options.output, found)
    return 0


def measure(config: RunConfig, device: torch.device, repeats: int) -> dict[str, Any]:
    """Seconds of a step, memory and first losses by engine, as this process sees them."""
    # DeepSpeed fixes its accelerator on import: only now is it known
    from experiments.benchmarks.zero_engines import BARE, DDP, STAGES, Training, make_step
    from unify.training.distributed import join, rank

    join(device)
    training = Training(config, device)
    make_step(BARE, training)()  # libraries take what they keep before memory is counted
    steps, losses, memory = {}, {}, {}

    def begin(name: str) -> None:
        steps[name] = make_step(name, training)
        losses[name] = [steps[name]() for _ in range(WARM_UP)]

    for name in (BARE, DDP, *STAGES):
        gc.collect()
        memory[name] = extra_memory(lambda name=name: begin(name), device)
    return {
        "rank": rank(),
        "seconds": alternate(steps, repeats, device),
        "losses": losses,
        "extra_bytes": memory,
        "parameters": sum(p.numel() for p in training.objective().parameters()),
        "threads": torch.get_num_threads(),
    }


def _config(preset: str, batch: int) -> RunConfig:
    config = PRESETS[preset]()
    return replace(config, plan=replace(config.plan, batch_size=batch))


if __name__ == "__main__":
    sys.exit(main())
