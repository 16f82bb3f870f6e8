"""Run records with known values, written by hand."""

from pathlib import Path

from unify.config import PRESETS, signature
from unify.config.codec import override
from unify.records import RunDirectory

METRICS = ("R@1", "R@5", "R@10", "MedR", "MeanR")


def rows(values: dict[str, float], split: str = "test_1ka") -> list[dict]:
    """Every metric of a representation has the same value; video to text has 0."""
    return [
        {
            "corpus": "msrvtt",
            "split": split,
            "direction": direction,
            "representation": representation,
            "metric": metric,
            "value": value if direction == "t2v" else 0.0,
            "queries": 40,
        }
        for representation, value in values.items()
        for direction in ("t2v", "v2t")
        for metric in METRICS
    ]


def record(
    runs: Path,
    depth: int,
    seed: int = 0,
    *,
    sweep: str = "stem_depth",
    changes=None,
    preset="smoke",
    **values,
) -> RunDirectory:
    """A finished run; `values`: representation -> its value."""
    config = override(
        PRESETS[preset](), {"model.stem_depth": depth, "seed": seed, **(changes or {})}
    )
    path = runs / sweep / f"N={depth}-seed{seed}-{signature(config)}"
    directory = RunDirectory.create(path, config, label=f"N={depth}", sweep=sweep, parents={})
    directory.finish({**directory.meta(), "seed": seed, "metrics": rows(values)})
    return directory
