"""A training step of UNIFY under ZeRO stages 0, 1 and 2, beside PyTorch's own DDP with AdamW.

  python experiments/benchmarks/zero_stages.py
  python experiments/benchmarks/zero_stages.py --processes 2 --output zero_stages.json
  python experiments/benchmarks/zero_stages.py --executor slurm --profile cpu

All train the same model from the same weights on the same random batch, all in turn in the same
processes, and the losses of their first steps must agree. On a CPU that is `mini` by one and by two
processes (gloo), on CUDA `paper` by one and by all devices, 64 clips each. Overhead is what a step
takes beyond forward and backward of the model without any engine. Memory is what one process takes
for weights, gradients, optimiser and activations. Takes about a minute on two cores.
"""

import json
import os
import subprocess
import sys
from argparse import Namespace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

if not __package__:  # started as a script: import from the repository, not from this folder
    sys.path[0] = str(Path(__file__).resolve().parents[2])

from experiments.benchmarks import record, start
from experiments.options import Parser, name_of, positive
from experiments.text import columns, count
from unify.config import PRESETS
from unify.environment import environment

NAME = "zero_stages"
ROOT = Path(__file__).resolve().parents[2]
HEADER = ("engine", "ms", "samples/s", "overhead ms", "stage 0 / it", "MiB a process")
FIRST = "ZeRO stage 0"
ALONE = "no engine, no optimiser"
CLIPS_PER_GPU = 64
TOLERANCE = 1e-3
"""Largest difference between the losses of two engines, as a share of the loss."""


class Place(NamedTuple):
    """Where it is measured."""

    device: str
    processes: tuple[int, ...]
    threads: int
    """Of all processes together."""
    preset: str
    repeats: int


def main(argv: list[str] | None = None) -> int:
    """0, or 2 with one line where something is missing or the engines disagree."""
    argv = sys.argv[1:] if argv is None else argv
    options = _parse(argv)
    return start.run(NAME, options, argv, partial(_measure, argv=argv))


def _parse(argv: list[str]) -> Namespace:
    parser = Parser(prog=f"{NAME}.py", description=__doc__)
    parser.add_argument(
        "--processes", type=positive, nargs="+", metavar="N", help="(CPU: 1 2, CUDA: 1 and all)"
    )
    parser.add_argument(
        "--repeats", type=positive, metavar="N", help="steps timed of each (CPU 8, CUDA 20)"
    )
    parser.add_argument(
        "--preset", type=name_of("preset", PRESETS), help="sizes (CPU: mini, CUDA: paper)"
    )
    start.add_common_options(parser)
    return parser.parse_args(argv)


def _measure(options: Namespace, argv: list[str]) -> None:
    here = _here()
    preset, repeats = options.preset or here.preset, options.repeats or here.repeats
    print(record.machine(environment()), flush=True)
    rows = []
    for processes in options.processes or here.processes:
        batch = _batch(preset, processes, here.device)
        report = _run(preset, batch, processes, repeats, max(1, here.threads // processes))
        rows += (found := _rows(report, processes, preset, batch))
        print(f"\n{_title(found[0])}\n{_table(found)}", flush=True)
    if options.output:
        sizes = {"repeats": repeats}
        record.write(options.output, NAME, sizes, rows, device=here.device, argv=argv)


def _here() -> Place:
    import torch

    threads = torch.get_num_threads()
    if not torch.cuda.is_available():
        return Place("cpu", (1, 2), threads, "mini", 8)
    processes = tuple(sorted({1, torch.cuda.device_count()}))
    return Place(torch.cuda.get_device_name(), processes, threads, "paper", 20)


def _batch(preset: str, processes: int, device: str) -> int:
    """Clips of a step: on a CPU the preset's, however many processes share them."""
    if device != "cpu":
        return CLIPS_PER_GPU * processes
    batch = PRESETS[preset]().plan.batch_size
    if batch % processes:
        raise ValueError(
            f"{batch} clips do not divide among {processes} processes; choose another number"
        )
    return batch


def _run(preset: str, batch: int, processes: int, repeats: int, threads: int) -> dict[str, Any]:
    """What the first of the processes reports; `threads` are those of each."""
    variables = os.environ | {"OMP_NUM_THREADS": str(threads), "PYTHONPATH": str(ROOT)}
    with TemporaryDirectory() as folder:
        output = Path(folder) / "report.json"
        launch = ("-m", "torch.distributed.run", "--standalone", f"--nproc-per-node={processes}")
        worker = ("-m", "experiments.benchmarks.zero_worker", "--preset", preset)
        sizes = ("--batch", str(batch), "--repeats", str(repeats), "--output", str(output))
        done = subprocess.run(
            [sys.executable, *launch, *worker, *sizes],
            env=variables,
            stderr=subprocess.PIPE,
            text=True,
        )
        if done.returncode or not output.exists():
            sys.stderr.write(done.stderr)
            raise ValueError(f"{count(processes, 'process')} failed; see above")
        return json.loads(output.read_text())


def _rows(found: dict[str, Any], processes: int, preset: str, batch: int) -> list[record.Row]:
    """A row for each engine.

    Raises:
        ValueError: where the first losses of two differ.
    """
    seconds, losses = found["seconds"], found["losses"]
    for name in seconds.keys() - {ALONE}:
        for step, (mine, others) in enumerate(zip(losses[name], losses[FIRST], strict=True), 1):
            if not abs(mine - others) <= TOLERANCE * abs(others):
                raise ValueError(
                    f"{name} is wrong: its loss at step {step} is {mine:g}, that of {FIRST} "
                    f"{others:g}; its times would mean nothing"
                )
    return [
        {
            "size": preset,
            "processes": processes,
            "threads": found["threads"],
            "clips": batch,
            "parameters": found["parameters"],
            "engine": name,
            "ms": 1000 * taken,
            "samples_per_second": batch / taken,
            "overhead_ms": 1000 * (taken - seconds[ALONE]),
            "extra_bytes": found["extra_bytes"][name],
        }
        for name, taken in seconds.items()
    ]


def _title(row: record.Row) -> str:
    return (
        f"{row['size']}: {row['clips']} clips by {count(row['processes'], 'process')}, "
        f"{row['parameters'] / 1e6:.1f} million parameters"
    )


def _table(rows: list[record.Row]) -> str:
    first = next(row["ms"] for row in rows if row["engine"] == FIRST)
    return columns(HEADER, [_line(row, first) for row in rows])


def _line(row: record.Row, first: float) -> list[str]:
    memory = "-" if row["extra_bytes"] is None else f"{row['extra_bytes'] / 2**20:.0f}"
    times = [f"{row['ms']:.1f}", f"{row['samples_per_second']:.1f}", f"{row['overhead_ms']:.1f}"]
    return [row["engine"], *times, f"{first / row['ms']:.2f}", memory]


if __name__ == "__main__":
    sys.exit(main())
