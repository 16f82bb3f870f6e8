"""The lexicon head beside what is common elsewhere: forward, backward, memory.

  python experiments/benchmarks/lexicon_head.py
  python experiments/benchmarks/lexicon_head.py --output lexicon_head.json
  python experiments/benchmarks/lexicon_head.py --executor slurm --profile a100

Contestants: ours; `plain` (SPLADE's own code); `checkpointed` (plain, sample by sample, computed
again in the backward); SpladePooling of sentence-transformers where that is installed
(pip install .[benchmarks]). All get the same inputs and are first held against float64. The floor
is the bare matrix product for the forward, and for the backward the bytes that must be moved at the
speed of a copy. Extra memory is the highest point of forward and backward above what was there
before, the gradients included. Takes about three minutes on two cores; on a CUDA device it measures
the paper's batch in bfloat16.
"""

import sys
from argparse import Namespace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

if not __package__:  # started as a script: import from the repository, not from this folder
    sys.path[0] = str(Path(__file__).resolve().parents[2])

from experiments.benchmarks import record, start
from experiments.options import Parser, positive
from experiments.text import columns
from unify.environment import environment

if TYPE_CHECKING:
    from experiments.benchmarks.head_cases import Case

NAME = "lexicon_head"
HEADER = ("head", "forward ms", "backward ms", "both ms", "plain / it", "extra MiB", "error")


def main(argv: list[str] | None = None) -> int:
    """0, or 2 with one line where something is missing or a contestant is wrong."""
    argv = sys.argv[1:] if argv is None else argv
    options = _parse(argv)
    return start.run(NAME, options, argv, partial(_measure, argv=argv))


def _parse(argv: list[str]) -> Namespace:
    parser = Parser(prog=f"{NAME}.py", description=__doc__)
    parser.add_argument(
        "--repeats", type=positive, metavar="N", help="times each is timed (CPU 2, CUDA 20)"
    )
    parser.add_argument(
        "--clips", type=positive, metavar="N", help="at the paper's size (CPU 4, CUDA 64)"
    )
    parser.add_argument(
        "--words", type=positive, default=30522, metavar="N", help="of the lexicon (30522)"
    )
    start.add_common_options(parser)
    return parser.parse_args(argv)


def _measure(options: Namespace, argv: list[str]) -> None:
    from experiments.benchmarks.head_cases import Bench, cases

    print(record.machine(environment()), flush=True)
    bench = Bench(options.repeats)
    wanted = cases(bench.on_cuda, options.clips, options.words)
    rows = []
    for case in wanted:
        found = bench.rows(case)
        print(f"\n{_title(case, found[0])}\n{_table(found)}", flush=True)
        rows += found
    if options.output:
        record.write(options.output, NAME, bench.sizes, rows, device=bench.name, argv=argv)


def _title(case: "Case", row: record.Row) -> str:
    size = case.size
    frozen = ", frozen head" if case.frozen else ""
    skewed = f", {row['won']:.0%} of words won by 5 % of tokens" if case.skewed else ""
    return (
        f"{size.name}: {size.clips} x {size.tokens} x {size.width} -> {size.words}, "
        f"{row['active']:.1%} active{skewed}{frozen}"
    )


def _table(rows: list[record.Row]) -> str:
    plain = next(row["ms"] for row in rows if row["head"] == "plain")
    return columns(HEADER, [_line(row, plain) for row in rows])


def _line(row: record.Row, plain: float) -> list[str]:
    if "note" in row:
        return [row["head"], row["note"], *[""] * (len(HEADER) - 2)]
    times = [f"{row[name]:.2f}" for name in ("forward_ms", "backward_ms", "ms")]
    bytes_, error = row.get("extra_bytes"), row.get("error")
    memory = "-" if bytes_ is None else f"{bytes_ / 2**20:.1f}"
    return [
        *(row["head"], *times, f"{plain / row['ms']:.2f}", memory),
        "-" if error is None else f"{error:.0e}",
    ]


if __name__ == "__main__":
    sys.exit(main())
