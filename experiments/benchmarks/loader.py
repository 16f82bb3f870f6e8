"""How fast clips are read, beside the decoders' bare calls, and how long training waits for them.

  python experiments/benchmarks/loader.py
  python experiments/benchmarks/loader.py --output loader.json
  python experiments/benchmarks/loader.py --executor slurm --profile cpu

Clips are made for it, in a temporary folder. All rates are those of one process with one thread.
Takes about two minutes on two cores.
"""

import sys
import tempfile
from argparse import Namespace
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

if not __package__:  # started as a script: import from the repository, not from this folder
    sys.path[0] = str(Path(__file__).resolve().parents[2])

from experiments.benchmarks import record, start
from experiments.options import Parser, positive
from experiments.text import columns
from unify.environment import environment
from unify.files import write_json

if TYPE_CHECKING:
    from experiments.benchmarks.reading import Rate
    from experiments.benchmarks.waiting import Wait

PACKAGES = ("av", "decord", "torchcodec", "pillow", "torch", "numpy")


def main(argv: list[str] | None = None) -> int:
    """0, or 2 with one line where something is missing."""
    argv = sys.argv[1:] if argv is None else argv
    one_thread = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
    return start.run("loader", _parse(argv), argv, _measure, one_thread)


def _measure(options: Namespace) -> None:
    machine = environment()
    print(record.machine(machine, PACKAGES), flush=True)
    with tempfile.TemporaryDirectory() as folder:
        rates = _rates(Path(folder) / "clips", options)
        waits = _waits(Path(folder) / "world", options)
    if options.output:
        found = {"reading": rates, "waiting": waits, "environment": machine}
        write_json(options.output, found)


def _parse(argv: list[str]) -> Namespace:
    parser = Parser(prog="loader.py", description=__doc__)
    parser.add_argument("--clips", type=positive, default=2, metavar="N", help="clips (2)")
    parser.add_argument(
        "--seconds", type=positive, default=10, metavar="N", help="length of a clip (10)"
    )
    parser.add_argument(
        "--time", type=positive, default=4, metavar="N", help="seconds for each decoder (4)"
    )
    parser.add_argument(
        "--steps", type=positive, default=10, metavar="N", help="training steps timed (10)"
    )
    start.add_common_options(parser)
    return parser.parse_args(argv)


def _rates(folder: Path, options: Namespace) -> list[dict]:
    from experiments.benchmarks.clip_store import make_stores
    from experiments.benchmarks.reading import decoders, measure

    folder.mkdir()
    stores = make_stores(folder, options.clips, options.seconds)
    found = [measure(store, name, options.time) for store in stores for name in decoders(store)]
    header = ("clips", "MiB", "decoder", "loader/s", "bare/s", "loader/bare", "with crop/s")
    print(columns(header, [_rate(rate) for rate in found]), flush=True)
    return [asdict(rate) | {"ratio": rate.ratio} for rate in found]


def _rate(rate: "Rate") -> tuple[str, ...]:
    speeds = [f"{rate.loader:.2f}", f"{rate.bare:.2f}", f"{rate.ratio:.1%}", f"{rate.cropped:.2f}"]
    return (rate.store, f"{rate.mebibytes:.2f}", rate.decoder, *speeds)


def _waits(folder: Path, options: Namespace) -> list[dict]:
    from experiments.benchmarks.waiting import measure

    found = measure(folder, options.steps)
    header = ("miniature clips", "processes", "waiting ms", "computing ms", "waiting")
    print(columns(header, [_wait(wait) for wait in found]), flush=True)
    return [asdict(wait) | {"share": wait.share} for wait in found]


def _wait(wait: "Wait") -> tuple[str, ...]:
    times = [f"{1000 * wait.waiting:.1f}", f"{1000 * wait.computing:.0f}", f"{wait.share:.1%}"]
    return (wait.store, str(wait.workers), *times)


if __name__ == "__main__":
    sys.exit(main())
