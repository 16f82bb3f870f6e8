"""Copy the small records of finished runs, so that they travel with the repository.

  python analysis/export.py runs
  python analysis/export.py runs --out elsewhere

Of each run: config.json, environment.json (versions, machine, commit), metrics.jsonl (values cut to
six digits) and result.json; samples.json with its previews for the default run of `mini`, seed 0;
of the warm starts behind them all but metrics.jsonl. No weights, logs, host names or places on this
machine. What an earlier export has left in the folder is replaced. Damaged runs are named and left
out.
"""

import logging
import shutil
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

if not __package__:  # started as a script: import from the repository, not from this folder
    sys.path[0] = str(Path(__file__).resolve().parents[1])

from analysis.command import RECORDS, guarded
from analysis.portable import portable, portable_samples
from analysis.samples import SHOWN, preview, read_samples
from analysis.study import AnalysisError, read_study
from experiments.options import Parser
from unify.files import write_atomically
from unify.records import RecordError, RunDirectory

logger = logging.getLogger(__name__)


def main(argv: list[str] | None = None) -> int:
    """0, or 2 where there is nothing to export or it cannot be written."""
    parser = Parser(prog="export.py", description=__doc__)
    parser.add_argument("runs", type=Path, metavar="RUNS", help="folder of all runs")
    parser.add_argument(
        "--out", type=Path, default=RECORDS, metavar="DIR", help="default: analysis/records"
    )
    options = parser.parse_args(argv)
    return guarded("export.py", lambda: _say(export(options.runs, options.out), options.out))


def export(runs: Path, out: Path) -> list[Path]:
    """Write the records of all finished runs below `out`; their directories there.

    Raises:
        AnalysisError: where there is no finished run, or `out` holds runs that were made there.
    """
    study = read_study(runs)
    if not study.records:
        raise AnalysisError(f"{runs} holds no finished run; train some with experiments/sweep.py")
    if any(out.glob("*/*/lock")):
        raise AnalysisError(f"{out} holds runs that were trained there; name another folder")
    shown = {record.path for record in study.runs("mini", *SHOWN) if record.seed == 0}
    written = []
    for source in _with_parents(record.path for record in study.records):
        target = out / source.parent.name / source.name
        try:
            _copy(RunDirectory(source), RunDirectory(target), with_samples=source in shown)
            written.append(target)
        except RecordError as error:
            logger.warning("left out %s: %s", source, error)
    for old in {path.parent for path in out.glob("*/*/*.json")} - set(written):
        _remove(RunDirectory(old))
    return written


def _with_parents(paths: Iterable[Path]) -> list[Path]:
    """The runs and what they start from: trainings behind fusions, warm starts behind these."""
    found = dict.fromkeys(paths)
    for _ in range(2):
        found |= dict.fromkeys(parent for path in list(found) for parent in _parents(path))
    return list(found)


def _parents(path: Path) -> list[Path]:
    """The finished runs that one starts from; none where its records are damaged."""
    try:
        parents = RunDirectory(path).parents().values()
    except RecordError:
        return []
    return [parent for parent in parents if RunDirectory(parent).result_path.exists()]


def _copy(source: RunDirectory, target: RunDirectory, *, with_samples: bool) -> None:
    """Replace the target's records; its result goes first and comes last."""
    files = portable(source)
    samples = read_samples(source) if with_samples else None
    _remove(target)
    if samples is not None:
        write_atomically(target.samples_path, portable_samples(source))
        pictures = [preview(source, key) for key in samples.clips]
        for picture in filter(None, pictures):
            write_atomically(target.previews / picture.name, picture.read_bytes())
    for name, text in files.items():
        write_atomically(target.path / name, text)


def _remove(directory: RunDirectory) -> None:
    directory.result_path.unlink(missing_ok=True)
    if directory.path.exists():
        shutil.rmtree(directory.path)


def _say(written: list[Path], out: Path) -> int:
    for sweep, count in sorted(Counter(path.parent.name for path in written).items()):
        print(f"{sweep}: {count} run{'s' if count > 1 else ''}")
    size = sum(path.stat().st_size for path in out.rglob("*") if path.is_file())
    print(f"wrote {out}: {len(written)} runs, {size / 1e6:.2f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
