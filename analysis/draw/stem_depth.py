"""Whether our runs show what the paper says of N, the number of shared stem blocks."""

from collections.abc import Mapping, Sequence
from statistics import mean

import pandas

from analysis.judge.intervals import Estimate, difference
from analysis.judge.statements.ablations import ALL_SHARED, DEFAULT
from analysis.judge.statements.sides import BRANCHES
from analysis.judge.text import interval, signed
from analysis.measured import RECALLS, REPRESENTATIONS, Measured, by_seed
from analysis.results import Record
from analysis.study import Study

SWEEP = "stem_depth"
JUDGED = "R@1"
"""What the paper's claims are judged by."""

PAPER = (
    "**The paper** (section 4.5, Figure 6): sharing more blocks lifts both branches, the best is "
    f"N = {DEFAULT} (as its default implies; the copy of its text read here has lost the number), "
    f"and at N = {ALL_SHARED}, where only the heads differ, performance declines."
)

Curve = Mapping[int, Mapping[int, Measured]]
"""N -> seed -> value."""


def rows(study: Study, column: str) -> dict[str, list[Record]]:
    """Label -> finished runs, of every depth."""
    depths = range(study.columns[column].model.depth + 1)
    return {f"N={n}": study.runs(column, SWEEP, f"N={n}") for n in depths}


def curve(study: Study, column: str, part: str, metric: str) -> Curve:
    """The depths that some finished run has measured."""
    depths = range(study.columns[column].model.depth + 1)
    found = {n: by_seed(study, column, SWEEP, f"N={n}", part, metric) for n in depths}
    return {n: values for n, values in found.items() if values}


def points(study: Study, column: str) -> pandas.DataFrame:
    """stem_depth, representation, metric, mean, std (sample; NaN for one seed), seeds."""
    rows = [
        {"stem_depth": n, "representation": part, "metric": metric, "value": measured.value}
        for part in REPRESENTATIONS
        for metric in RECALLS
        for n, values in curve(study, column, part, metric).items()
        for measured in values.values()
    ]
    columns = ["stem_depth", "representation", "metric"]
    frame = pandas.DataFrame(rows, columns=[*columns, "value"])
    return _over_seeds(frame, columns)


def statement(study: Study, column: str) -> str:
    """The paper's statement, and what the runs say of it; Markdown."""
    curves = {part: curve(study, column, part, JUDGED) for part in REPRESENTATIONS}
    shown = [
        f"- {part}: {_optimum(found)} {_decline(found, of_paper=part in BRANCHES)}"
        for part, found in curves.items()
        if found
    ]
    head = f"**Here** ({JUDGED}; the claims `best_at_nine` and `sharing_all_harms` judge it):"
    return "\n".join([PAPER, "", head, "", *shown])


def _optimum(found: Curve) -> str:
    means = {n: mean(each.value for each in values.values()) for n, values in found.items()}
    best = max(means, key=lambda n: means[n])
    measured = f"the highest mean is at N = {best} ({means[best]:.1f})"
    if best == DEFAULT:
        return f"{measured}."
    if DEFAULT not in means:
        return f"{measured}; N = {DEFAULT} is missing."
    ahead = means[best] - means[DEFAULT]
    return f"{measured}, {ahead:+.1f} over N = {DEFAULT} ({means[DEFAULT]:.1f})."


def _decline(found: Curve, *, of_paper: bool) -> str:
    """`of_paper`: whether the paper says anything of this curve."""
    missing = [n for n in (DEFAULT, ALL_SHARED) if n not in found]
    if missing:
        return f"The decline cannot be judged: N = {missing[0]} is missing."
    change = _difference(found, ALL_SHARED, DEFAULT)
    numbers = signed(change.mean) if change.few else f"{signed(change.mean)} {interval(change)}"
    return f"N = {ALL_SHARED} is {numbers} from N = {DEFAULT}: {_verdict(change, of_paper)}."


def _difference(found: Curve, first: int, second: int) -> Estimate:
    one, other = found[first], found[second]
    step = max(each.step for values in (one, other) for each in values.values())
    return difference(
        {seed: each.value for seed, each in one.items()},
        {seed: each.value for seed, each in other.items()},
        step=step,
    )


def _verdict(change: Estimate, of_paper: bool) -> str:
    if change.few:
        return "undecided, with too few seeds"
    if change.low <= 0 <= change.high:
        return "undecided"
    if change.high < 0:
        return "a decline" + ", as in the paper" * of_paper
    return "a rise" + ", unlike the paper" * of_paper


def _over_seeds(frame: pandas.DataFrame, by: Sequence[str]) -> pandas.DataFrame:
    """`by`, mean, std (sample, n - 1; NaN for one seed) and seeds (their number)."""
    made = frame.groupby(list(by), sort=False)["value"].agg(["mean", "std", "count"])
    return made.rename(columns={"count": "seeds"}).reset_index()
