"""Copy the small records of finished runs, so that they travel with the repository.

  python analysis/export.py runs
  python analysis/export.py runs --out elsewhere

Of each run: config.json, environment.json (versions, machine, commit), metrics.jsonl (values cut to
six digits) and result.json; samples.json with its previews for the default run of `mini`, seed 0;
of the warm starts behind them all but metrics.jsonl. No weights, logs, host names or places on this
machine. What an earlier export has left in the folder is replaced; a folder with anything else is
refused. Damaged runs are named and left out.
"""

import logging
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

if not __package__:  # started as a script: import from the repository, not from this folder
    sys.path[0] = str(Path(__file__).resolve().parents[1])

from analysis.command import RECORDS, guarded
from analysis.errors import AnalysisError
from analysis.results import ancestors
from analysis.store.damage import readable
from analysis.store.exported import exported, is_named_for, remove
from analysis.store.portable import portable, portable_samples
from analysis.store.samples import SHOWN, preview, read_samples
from analysis.study import read_study
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

    Everything is read before anything is replaced.

    Raises:
        AnalysisError: where there is no finished run, one folder is within the other, or `out`
            holds anything but what an earlier export has left there.
    """
    _refuse_nested(runs, out)
    study = read_study(runs)
    if not study.records:
        raise AnalysisError(f"{runs} holds no finished run; train some with experiments/sweep.py")
    old = exported(out)
    shown = {record.path for record in study.runs("mini", *SHOWN) if record.seed == 0}
    contents = {}
    for source in _with_parents(record.path for record in study.records):
        try:
            with readable(source):
                content = _content(RunDirectory(source), with_samples=source in shown)
            contents[out / source.parent.name / source.name] = content
        except RecordError as error:
            logger.warning("left out %s: %s", source, error)
    for path in set(old) - set(contents):
        remove(path)
    for path, content in contents.items():
        _replace(path, content)
    return list(contents)


def _refuse_nested(runs: Path, out: Path) -> None:
    source, target = runs.resolve(), out.resolve()
    if source.is_relative_to(target) or target.is_relative_to(source):
        raise AnalysisError(f"{out} and {runs} are one folder or nested; name another with --out")


def _with_parents(paths: Iterable[Path]) -> list[Path]:
    """The runs and what they start from: trainings behind fusions, warm starts behind these."""
    paths = list(paths)
    behind = [parent for path in paths for parent in ancestors(path)]
    return list(dict.fromkeys([*paths, *behind]))


def _content(source: RunDirectory, *, with_samples: bool) -> dict[str, str | bytes]:
    """Name within the run's folder -> content: `config.json` first and `result.json` last."""
    files = portable(source)
    if not is_named_for(source.path, source.meta()):
        raise RecordError("its folder's name does not end with its signature")
    config, result = ({name: files.pop(name)} for name in ("config.json", "result.json"))
    return {**config, **files, **(_samples(source) if with_samples else {}), **result}


def _samples(source: RunDirectory) -> dict[str, str | bytes]:
    samples = read_samples(source)
    if samples is None:
        return {}
    pictures = filter(None, [preview(source, key) for key in samples.clips])
    previews = {f"{source.previews.name}/{each.name}": each.read_bytes() for each in pictures}
    return {**previews, source.samples_path.name: portable_samples(source)}


def _replace(path: Path, content: Mapping[str, str | bytes]) -> None:
    remove(path)
    for name, text in content.items():
        write_atomically(path / name, text)


def _say(written: list[Path], out: Path) -> int:
    for sweep, count in sorted(Counter(path.parent.name for path in written).items()):
        print(f"{sweep}: {count} run{'s' if count > 1 else ''}")
    size = sum(path.stat().st_size for path in out.rglob("*") if path.is_file())
    print(f"wrote {out}: {len(written)} runs, {size / 1e6:.2f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
