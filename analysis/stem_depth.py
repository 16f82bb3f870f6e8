"""Whether our runs show what the paper says of the number of shared stem blocks."""

import math

import pandas

from analysis.table import RECALLS, REPRESENTATIONS, over_seeds

DEFAULT = 9
"""N of the paper's default model."""
ALL_SHARED = 12
"""N at which only the heads differ."""
MEAN_RECALL = "mean of R@1, R@5 and R@10"

PAPER = (
    "**The paper** (section 4.5, Figure 6): sharing more blocks lifts both branches, the best is "
    f"N = {DEFAULT}, and at N = {ALL_SHARED}, where only the heads differ, performance declines."
)


def statement(results: pandas.DataFrame) -> str:
    """The paper's statement, and what these results (a row per run, representation and metric) say
    of it; Markdown."""
    recalls = results[results["metric"].isin(RECALLS)]
    runs = recalls.groupby(["representation", "stem_depth", "seed"])["value"].mean().reset_index()
    curves = over_seeds(runs, ["representation", "stem_depth"])
    lines = [f"- {name}: {_curve(curve)}" for name, curve in _by_representation(curves)]
    return "\n".join([PAPER, "", f"**Here** ({MEAN_RECALL}):", "", *lines, ""])


def _by_representation(curves: pandas.DataFrame) -> list[tuple[str, dict]]:
    """Each representation with its points: N -> mean, std, seeds."""
    found = []
    for name in REPRESENTATIONS:
        rows = curves[curves["representation"] == name]
        found.append((name, {row.stem_depth: row for row in rows.itertuples(index=False)}))
    return [(name, points) for name, points in found if points]


def _curve(points: dict) -> str:
    return f"{_optimum(points)} {_decline(points)}"


def _optimum(points: dict) -> str:
    best = max(points.values(), key=lambda point: point.mean)
    measured = f"best at N = {best.stem_depth} ({best.mean:.1f})"
    if best.stem_depth == DEFAULT:
        return f"{measured}, as in the paper."
    if DEFAULT not in points:
        return f"{measured}, N = {DEFAULT} is missing."
    verdict = _verdict(points[DEFAULT], best)
    return f"{measured}, not at N = {DEFAULT} ({points[DEFAULT].mean:.1f}): {verdict}."


def _decline(points: dict) -> str:
    missing = [depth for depth in (DEFAULT, ALL_SHARED) if depth not in points]
    if missing:
        return f"The decline cannot be judged, N = {missing[0]} is missing."
    default, shared = points[DEFAULT], points[ALL_SHARED]
    change = shared.mean - default.mean
    paper = "a decline as in the paper" if change < 0 else "no decline, unlike the paper"
    measured = f"N = {ALL_SHARED} is {change:+.1f} from N = {DEFAULT}"
    return f"{measured}, {paper}: {_verdict(default, shared)}."


def _verdict(one, other) -> str:
    """How much a difference of two means weighs against the seeds' spread."""
    if min(one.seeds, other.seeds) < 2:
        return "undecided with one seed"
    error = 2 * math.sqrt(one.std**2 / one.seeds + other.std**2 / other.seeds)
    clear = abs(one.mean - other.mean) > error
    return f"{'beyond' if clear else 'undecided, within'} two standard errors ({error:.1f})"
