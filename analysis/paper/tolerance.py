"""How far from a published value a measured one may lie, on either side.

Each published value is one run's, with an unknown seed, on a test set of n queries, printed with
one decimal. Nothing more is known of its spread, so the tolerance is that of the test set:

- recall or accuracy p (%): two binomial standard errors, 2 sqrt(p (100 - p) / n), plus 0.05 for
  the rounding. Too wide rather than too narrow for the sampling of queries, as both runs answer
  the same ones; it also has to cover seeds, of which the paper says nothing.
- MedR: the same two standard errors of a recall of 50 %, carried over to ranks by the published
  row's own recalls: they rise by (R@10 - R@1) / ln 10 per factor e of the rank. Plus 0.5, as ranks
  are whole. None where R@1 or R@10 is not published.

A value that is better by more than this differs as well: it may be a leak or another protocol.
"""

import math

from analysis.paper.published import PublishedRow

IN_WORDS = (
    "A cell matches where it is no further from the published value, on either side, than two "
    "binomial standard errors of that value plus 0.05 for rounding; MedR: than the ranks that two "
    "standard errors of a 50 % recall span on the published row, plus 0.5."
)
ERRORS = 2.0
"""Standard errors on either side."""
ROUNDING = 0.05
WHOLE_RANK = 0.5


def tolerance(row: PublishedRow, metric: str) -> float | None:
    """Of a metric of a published row, in its unit; None where it cannot be said."""
    value = row.values[metric]
    if value is None:
        return None
    if metric == "MedR":
        return _of_median(row, value)
    return ERRORS * _standard_error(value, row.queries(metric)) + ROUNDING


def _of_median(row: PublishedRow, median: float) -> float | None:
    first, tenth = row.values.get("R@1"), row.values.get("R@10")
    if first is None or tenth is None or tenth <= first:
        return None
    rise = (tenth - first) / math.log(10)
    error = _standard_error(50.0, row.queries("MedR"))
    return median * math.expm1(ERRORS * error / rise) + WHOLE_RANK


def _standard_error(percent: float, queries: int) -> float:
    """Of a share of independent queries, in per cent."""
    return math.sqrt(percent * (100 - percent) / queries)
