"""Evaluate a finished run on test sets.

  python experiments/evaluate.py runs/stem_depth/N=9-0123456789ab msrvtt
  python experiments/evaluate.py runs/stem_depth/N=9-0123456789ab msrvtt/val --output val.json
  python experiments/evaluate.py runs/stem_depth/N=9-0123456789ab hmdb51 ucf101 \\
    --set num_clips=4 templates="a person is {}"
  python experiments/evaluate.py RUN_DIR msrvtt --executor slurm --profile a100

A test set is `corpus/split`; a corpus alone stands for those of its protocol (both of MSVD, all
three of actions). Queries are made as in the sweeps, but for what --set changes. The run's own
records stay as they are.
"""

import sys
from argparse import Namespace
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

if not __package__:  # started as a script: import from the repository, not from this folder
    sys.path[0] = str(Path(__file__).resolve().parents[1])

from experiments.options import (
    Parser,
    add_changes,
    add_place_options,
    cluster_profile,
)
from experiments.text import columns
from slurm.profile import Profile
from slurm.queue import SlurmError
from unify.config import (
    EvaluationConfig,
    FineTuneConfig,
    FusionConfig,
    RunConfig,
    WarmStartConfig,
    evaluated_on,
)
from unify.config.codec import override
from unify.config.corpora import CORPORA
from unify.config.errors import unknown
from unify.config.protocols import ACTIONS, TUNED, default_tests
from unify.config.validate import validate
from unify.data.corpora.coverage import shortfall
from unify.files import write_json
from unify.reasons import reason
from unify.records import RecordError, RunDirectory

Training = RunConfig | FineTuneConfig | FusionConfig

ORDER = ("corpus", "split", "direction", "representation")


def main(argv: list[str] | None = None) -> int:
    """0, or 2 with one line when the run, the corpus or the cluster cannot be used."""
    options = _parse(argv)
    try:
        if profile := cluster_profile(options):
            return _on_cluster(options, profile, sys.argv[1:] if argv is None else argv)
        found = _evaluate(options)
    except (ValueError, OSError, SlurmError) as error:
        print(f"evaluate.py: {reason(error)}", file=sys.stderr)
        return 2
    return _show(found, options)


def _show(found: dict[str, Any], options: Namespace) -> int:
    print(_table(found["metrics"]))
    for place, coverage in found["coverage"].items():
        if part := shortfall(coverage):
            print(f"{place}: {part}: not the published test set")
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
    parser.add_argument("corpora", nargs="+", metavar="CORPUS[/SPLIT]", help="test sets")
    add_changes(parser, "change fields of `evaluation`, such as num_clips=4 or incomplete=true")
    parser.add_argument("--data-root", type=Path, metavar="DIR", help="default: the run's own")
    parser.add_argument("--output", type=Path, metavar="FILE", help="write the metrics as JSON")
    add_place_options(parser, "local", "slurm")
    return parser.parse_args(argv)


def _on_cluster(options: Namespace, profile: Profile, argv: list[str]) -> int:
    from experiments.remote import run_one

    _request(options)
    return run_one("experiments.evaluate", argv, options, profile)


def _evaluate(options: Namespace) -> dict[str, Any]:
    directory, asked = _request(options)
    from unify.evaluation.evaluate import evaluate_run  # torch: only once something runs

    return evaluate_run(directory, asked, options.data_root)


def _request(options: Namespace) -> tuple[RunDirectory, list[EvaluationConfig]]:
    """The run and what is asked of it; ValueError where that cannot be."""
    directory = RunDirectory(options.run)
    directory.meta()
    config = directory.config()
    if damage := directory.damage():
        raise RecordError(damage)
    if not directory.is_finished():
        raise RecordError(f"{options.run} is {directory.state()}; only a finished run can be used")
    if isinstance(config, WarmStartConfig):
        raise RecordError(f"{options.run} is a warm start; give the directory of a training")
    changes = dict(options.changes)
    return directory, [_evaluation(config, text, changes) for text in options.corpora]


def _evaluation(config: Training, text: str, changes: Mapping[str, str]) -> EvaluationConfig:
    """The protocol of a corpus, or of one of its test sets, for a run; then the changes."""
    corpus, _, split = text.partition("/")
    if corpus not in CORPORA:
        raise unknown("corpus", corpus, CORPORA)
    tests = (text,) if split else default_tests(corpus)
    base = replace(_trained(config), evaluation=replace(config.evaluation, corpora=tests))
    changed = override(base, {f"evaluation.{name}": value for name, value in changes.items()})
    if corpus in TUNED | ACTIONS:
        protocol = replace(evaluated_on(changed, corpus), corpora=changed.evaluation.corpora)
        changed = replace(changed, evaluation=protocol)
    validate(changed)
    return changed.evaluation


def _trained(config: Training) -> RunConfig:
    """The pre-training behind a run: its model and world."""
    if isinstance(config, FineTuneConfig):
        return config.pretrained
    return config.latent if isinstance(config, FusionConfig) else config


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
