"""Evaluate a finished run on a corpus.

  python experiments/evaluate.py runs/stem_depth/N=9-0123456789ab msrvtt
  python experiments/evaluate.py runs/stem_depth/N=9-0123456789ab msrvtt/val --output val.json

The run's own records stay as they are.
"""

import sys
from argparse import Namespace
from pathlib import Path
from typing import Any

if not __package__:  # started as a script: import from the repository, not from this folder
    sys.path[0] = str(Path(__file__).resolve().parents[1])

from experiments.options import Parser, reason
from experiments.text import columns
from unify.config.corpora import CORPORA
from unify.config.errors import unknown
from unify.files import write_json
from unify.records import RecordError, RunDirectory

ORDER = ("corpus", "split", "direction", "representation")


def main(argv: list[str] | None = None) -> int:
    """0, or 2 with one line when the run or the corpus cannot be used."""
    options = _parse(argv)
    try:
        found = _evaluate(options)
    except (ValueError, OSError) as error:
        print(f"evaluate.py: {reason(error)}", file=sys.stderr)
        return 2
    print(_table(found["metrics"]))
    return _write(options.output, found) if options.output else 0


def _write(path: Path, found: dict[str, Any]) -> int:
    try:
        write_json(path, found)
    except OSError as error:
        print(f"evaluate.py: --output {path}: {error.strerror}; name another file", file=sys.stderr)
        return 2
    print(f"wrote {path}")
    return 0


def _parse(argv: list[str] | None) -> Namespace:
    parser = Parser(prog="evaluate.py", description=__doc__)
    parser.add_argument("run", type=Path, metavar="RUN_DIR", help="a finished run")
    parser.add_argument("corpus", metavar="CORPUS[/SPLIT]", help="by default its test split")
    parser.add_argument("--data-root", type=Path, metavar="DIR", help="default: the run's own")
    parser.add_argument("--output", type=Path, metavar="FILE", help="write the metrics as JSON")
    return parser.parse_args(argv)


def _evaluate(options: Namespace) -> dict[str, Any]:
    directory = RunDirectory(options.run)
    directory.meta()
    directory.config()
    if damage := directory.damage():
        raise RecordError(damage)
    if not directory.is_finished():
        raise RecordError(f"{options.run} is {directory.state()}; only a finished run can be used")
    corpus = _with_split(options.corpus)
    from unify.evaluation.evaluate import evaluate_run  # torch: only once something runs

    return evaluate_run(directory, (corpus,), options.data_root)


def _with_split(text: str) -> str:
    """`corpus/split`; without a split the corpus's test split, or its validation split."""
    corpus, _, split = text.partition("/")
    if corpus not in CORPORA:
        raise unknown("corpus", corpus, CORPORA)
    splits = CORPORA[corpus].splits
    if split and split not in splits:
        raise unknown(f"split of {corpus}", split, splits)
    usual = [name for start in ("test", "val", "") for name in splits if name.startswith(start)]
    return f"{corpus}/{split or usual[0]}"


def _table(rows: list[dict[str, Any]]) -> str:
    metrics = list(dict.fromkeys(row["metric"] for row in rows))
    cells: dict[tuple[str, ...], dict[str, float]] = {}
    for row in rows:
        cells.setdefault(tuple(row[name] for name in ORDER), {})[row["metric"]] = row["value"]
    lines = [
        [*place, *[f"{found[metric]:.1f}" if metric in found else "-" for metric in metrics]]
        for place, found in cells.items()
    ]
    return columns([*ORDER, *metrics], lines)


if __name__ == "__main__":
    sys.exit(main())
