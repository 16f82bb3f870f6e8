"""What is wrong with a run's records, in words (no torch)."""

import math
from collections.abc import Mapping
from typing import Any

from unify.config.warm_start import WarmStartConfig

PLACES = ("corpus", "split", "direction", "representation")
"""What a retrieval metric's row says beside its name and value."""


def config_problem(meta: Any) -> str | None:
    """What keeps the content of `config.json` from being used, or None."""
    kinds = {"kind": str, "signature": str, "group": str, "label": str, "sweep": str}
    return _fields_problem(meta, {**kinds, "parents": dict, "config": dict})


def result_problem(result: Any, meta: Mapping[str, Any]) -> str | None:
    """What keeps a result from being used: it is this run's, with a finite number per metric.

    None where it can be used.
    """
    if problem := _fields_problem(result, {"signature": str, "metrics": list}):
        return problem
    if result["signature"] != meta["signature"]:
        return f"result of {result['signature']}, config of {meta['signature']}"
    places = () if meta["kind"] == WarmStartConfig.__name__ else PLACES
    kinds = {"metric": str, "value": int | float, **dict.fromkeys(places, str)}
    problems = [_fields_problem(row, kinds) or _unbounded(row) for row in result["metrics"]]
    return next((f"a metric: {problem}" for problem in problems if problem), None)


def _unbounded(row: Mapping[str, Any]) -> str | None:
    return None if math.isfinite(row["value"]) else "no finite value"


def _fields_problem(value: Any, kinds: Mapping[str, Any]) -> str | None:
    if not isinstance(value, dict):
        return "no JSON object"
    lacking = [name for name, kind in kinds.items() if not isinstance(value.get(name), kind)]
    return f"no proper {lacking[0]}" if lacking else None
