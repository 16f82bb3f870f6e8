"""What a run logged on its way: the rows of `metrics.jsonl`."""

from typing import Any

from analysis.store.damage import readable
from analysis.store.require import is_count
from unify.records import RecordError, RunDirectory


def logged(directory: RunDirectory) -> list[dict[str, float]]:
    """The rows, each with its step; RecordError where one is damaged, or the file is closed."""
    path = directory.metrics_log.path
    try:
        with readable(path):
            rows = directory.metrics_log.rows()
    except RecordError:
        raise
    except ValueError as error:
        raise RecordError(f"{path} is damaged ({error}); delete the run and repeat it") from error
    wrong = [number for number, row in enumerate(rows, 1) if not _is_row(row)]
    if wrong:
        what = f"row {wrong[0]} is no step with numbers"
        raise RecordError(f"{path} is damaged ({what}); delete the run and repeat it")
    return rows


def _is_row(value: Any) -> bool:
    if not isinstance(value, dict) or not is_count(value.get("step")):
        return False
    return all(type(number) in (int, float) for number in value.values())
