"""What a benchmark leaves behind: its rows, with the machine, the versions and the command.

A record is one JSON file:

  {"benchmark": "lexicon_head", "command": "python experiments/benchmarks/lexicon_head.py",
   "date": "2026-11-21", "device": "cpu", "environment": {...}, "sizes": {...}, "rows": [{...}]}

`device` is `cpu` or the GPU's name, `rows` are flat: names, numbers, and None where something was
not measured. The committed ones are `analysis/benchmarks/<benchmark>-<device>.json`, from which
`analysis/performance.py` makes the README's tables. Never imports torch.
"""

import shlex
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from experiments.options import without_launch_options
from unify.environment import environment
from unify.files import write_json

Row = dict[str, Any]
"""Names and numbers of one line of a table."""

KEPT = ("python", "cpus", "processor", "gpus")
"""Of the environment; the host and its places are nobody's business."""
PACKAGES = ("torch", "triton", "deepspeed", "transformers", "sentence-transformers", "numpy")
"""Whose versions a record keeps."""


def write(
    path: Path,
    benchmark: str,
    sizes: Mapping[str, Any],
    rows: Sequence[Row],
    *,
    device: str = "cpu",
    argv: Sequence[str] = (),
) -> None:
    """Write a record.

    Args:
        path: the file, replaced where it is there.
        benchmark: the script's name without its ending.
        sizes: what the rows have in common.
        rows: what was measured.
        device: `cpu` or the GPU's name.
        argv: the options that it was started with.
    """
    found = environment()
    kept = {name: found[name] for name in KEPT}
    git = {name: found["git"].get(name) for name in ("commit", "dirty")}
    record = {
        "benchmark": benchmark,
        "command": command(benchmark, argv),
        "date": date.today().isoformat(),
        "device": device,
        "environment": {**kept, "packages": versions(found), "git": git},
        "sizes": dict(sizes),
        "rows": list(rows),
    }
    write_json(path, record)


def command(benchmark: str, argv: Sequence[str]) -> str:
    """The line that measures this again; without where it ran and where its record went."""
    options = without_launch_options(argv, "output")
    return shlex.join(["python", f"experiments/benchmarks/{benchmark}.py", *options])


def versions(found: Mapping[str, Any], names: Sequence[str] = PACKAGES) -> dict[str, str]:
    """Of these packages, where they are installed."""
    packages = {name.lower(): version for name, version in found["packages"].items()}
    return {name: packages[name] for name in names if name in packages}


def machine(found: Mapping[str, Any], names: Sequence[str] = PACKAGES) -> str:
    """Processor, cores, GPUs and versions of an environment, as a line."""
    packages = versions(found, names)
    listed = [f"{name} {packages.get(name, 'not installed')}" for name in names]
    gpus = [gpu.partition(",")[0] for gpu in found["gpus"]]
    places = [f"{found['processor']}, {found['cpus']} cores", *gpus]
    return f"{', '.join(places)}; {', '.join(listed)}"
