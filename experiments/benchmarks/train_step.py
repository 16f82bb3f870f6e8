"""A whole training step beside the same model built from transformers: speed, MFU, memory.

  python experiments/benchmarks/train_step.py
  python experiments/benchmarks/train_step.py --compile --output train_step.json
  python experiments/benchmarks/train_step.py --set model.video.attention_style=timesformer

A step is that of training in stage 2 with all loss terms: forward, backward, AdamW under DeepSpeed,
on random clips and captions. Builds: `transformers` (straightforward.py: TimesformerModel and
BertForMaskedLM with a plain head), ours with a plain head, ours, ours with recomputed blocks and,
with --compile, with compiled ones. All start with the same weights and take their steps in turn.
Before that, ours and the plain head must agree in loss and gradient, and transformers' loss must be
like ours. transformers' TimeSformer has a linear layer more in each block, and plain TimeSformer's
[CLS].

Nearly all words are active (the heads' biases start at 0): the costliest case for ours.
MFU: the operations of the matrix products that a step asks for (step_flops.py; less than a plain
head does) by the time of the step, beside the fastest bare matrix product on this machine, and
beside the data sheet's speed where that is known. The floor is those operations at the former.
Extra memory: the highest point of a step above what is there between steps.

On a CPU: the sizes of `mini`, with the miniature world's lexicon and with all 30,522 words; about
three minutes on two cores. On a CUDA device the paper's, 64 clips in bfloat16.
"""

import sys
from argparse import Namespace
from functools import partial
from pathlib import Path

if not __package__:  # started as a script: import from the repository, not from this folder
    sys.path[0] = str(Path(__file__).resolve().parents[2])

from experiments.benchmarks import record, start
from experiments.options import Parser, add_preset_options, positive
from experiments.text import columns
from unify.config import PRESETS
from unify.environment import environment

NAME = "train_step"
HEADER = ("build", "parameters", "GFLOP", "ms", "clips/s", "x transformers", "MFU")
MORE = ("of data sheet", "extra MiB")


def main(argv: list[str] | None = None) -> int:
    """0, or 2 with one line where something is missing or a build is wrong."""
    argv = sys.argv[1:] if argv is None else argv
    options = _parse(argv)
    return start.run(NAME, options, argv, partial(_measure, argv=argv))


def _parse(argv: list[str]) -> Namespace:
    parser = Parser(prog=f"{NAME}.py", description=__doc__)
    add_preset_options(parser)
    parser.set_defaults(preset=None)
    parser.add_argument(
        "--batch-size", type=positive, metavar="N", help="clips (mini's 32; with paper 64)"
    )
    parser.add_argument(
        "--repeats", type=positive, metavar="N", help="steps timed of each build (CPU 9, CUDA 20)"
    )
    parser.add_argument(
        "--compile", action="store_true", help="time compiled blocks too (takes minutes)"
    )
    start.add_common_options(parser)
    return parser.parse_args(argv)


def _measure(options: Namespace, argv: list[str]) -> None:
    from experiments.benchmarks.step_cases import Bench, cases

    print(record.machine(environment()), flush=True)
    bench = Bench(compiled=options.compile)
    preset = options.preset or ("paper" if bench.on_cuda else "mini")
    config = PRESETS[preset]()
    rows = []
    for case in cases(preset, config, dict(options.changes), options.batch_size, options.repeats):
        found = bench.rows(case)
        print(f"\n{bench.title(case, found)}\n{_table(found)}", flush=True)
        rows += found
    if options.output:
        record.write(options.output, NAME, bench.sizes, rows, device=bench.name, argv=argv)


def _table(rows: list[record.Row]) -> str:
    return columns((*HEADER, *MORE), [_line(row) for row in rows])


def _line(row: record.Row) -> list[str]:
    memory, specified = row["extra_bytes"], row["specified_mfu"]
    return [
        row["build"],
        f"{row['parameters']:,}",
        f"{row['flops'] / 1e9:.1f}",
        f"{row['ms']:.1f}",
        f"{row['clips_per_second']:.1f}",
        f"{row['speed_up']:.2f}",
        f"{row['mfu']:.1%}",
        "-" if specified is None else f"{specified:.1%}",
        "-" if memory is None else f"{memory / 2**20:.1f}",
    ]


if __name__ == "__main__":
    sys.exit(main())
