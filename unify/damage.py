"""What is wrong with a run's records, in words (no torch)."""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from unify.config.signature import SCHEMA
from unify.config.warm_start import WarmStartConfig

PLACES = ("corpus", "split", "direction", "representation")
"""What a retrieval metric's row says beside its name and value."""
COVERAGE = {
    **{"whole": bool, "found": int, "listed": int, "expected": int | None},
    **{"captions": int, "listed_captions": int, "expected_captions": int | None},
}
FAILURE = {"type": str, "message": str}
SUBMISSION = dict.fromkeys(("job", "name", "sweep", "folder"), str)
PROGRESS = {"step": int, "total": int, "phase": str, "time": int | float, "values": dict}
"""What these records say."""


class RecordError(ValueError):
    """A run directory that cannot be used as asked; the message is one line."""


def config_problem(meta: Any) -> str | None:
    """What keeps the content of `config.json` from being used, or None."""
    kinds = {"kind": str, "signature": str, "group": str, "label": str, "sweep": str}
    if problem := fields_problem(meta, {**kinds, "parents": dict, "config": dict}):
        return problem
    whole = all(isinstance(path, str) for path in meta["parents"].values())
    return None if whole else "odd parents"


def result_problem(result: Any, meta: Mapping[str, Any]) -> str | None:
    """What keeps a result from being used: it is this run's, with a finite number per metric.

    None where it can be used.
    """
    if problem := fields_problem(result, {"signature": str, "metrics": list}):
        return problem
    if result["signature"] != meta["signature"]:
        return f"result of {result['signature']}, config of {meta['signature']}"
    if problem := _coverage_problem(result.get("coverage", {})):
        return f"what it says of a test set is damaged, {problem}"
    places = () if meta["kind"] == WarmStartConfig.__name__ else PLACES
    kinds = {"metric": str, "value": int | float, **dict.fromkeys(places, str)}
    problems = [fields_problem(row, kinds) or _unbounded(row) for row in result["metrics"]]
    return next((f"a metric: {problem}" for problem in problems if problem), None)


def _coverage_problem(places: Any) -> str | None:
    if not isinstance(places, dict):
        return "no JSON object"
    problems = [fields_problem(report, COVERAGE) for report in places.values()]
    return next(filter(None, problems), None)


def _unbounded(row: Mapping[str, Any]) -> str | None:
    return None if math.isfinite(row["value"]) else "no finite value"


def newer(value: Any) -> str | None:
    """What is wrong with a record of a later version than this one, or None."""
    schema = value.get("schema", SCHEMA) if isinstance(value, dict) else SCHEMA
    if isinstance(schema, int) and schema > SCHEMA:
        return f"has schema {schema}, of a newer version than this one, which knows {SCHEMA}"
    return None


def weights_problem(path: Path, result: Mapping[str, Any]) -> str | None:
    """What the size of a run's weights tells of their damage; None for those that are whole or
    not there."""
    if not path.exists():
        return None
    size = path.stat().st_size if path.is_file() else 0
    if not size:
        return "empty"
    said = result.get("weights")
    written = said.get("bytes", size) if isinstance(said, dict) else size
    return None if size == written else f"{size} bytes, not {written}"


def fields_problem(value: Any, kinds: Mapping[str, Any]) -> str | None:
    """The first field that a JSON object lacks or has of another kind, or None."""
    if not isinstance(value, dict):
        return "no JSON object"
    lacking = [name for name, kind in kinds.items() if not isinstance(value.get(name), kind)]
    return f"no proper {lacking[0]}" if lacking else None
