"""Claims put to the test: what the finished runs of a column say of each."""

from collections.abc import Iterable, Mapping, Sequence
from statistics import mean

from analysis.judge.claim import (
    CONTRADICTED,
    HOLDS,
    NOT_RUN,
    UNDECIDED,
    Claim,
    Difference,
    Inequality,
    Published,
    Row,
    Side,
    Verdict,
)
from analysis.judge.intervals import LEVEL, Estimate, difference
from analysis.measured import (
    LOWER_IS_BETTER,
    MEAN_RECALL,
    RECALLS,
    Measured,
    by_seed,
    partial,
)
from analysis.paper.published import PublishedRow, made_by, rows
from analysis.study import PAPER, Study

SEEDS = (0, 1, 2)
"""What commands ask for: the fewest seeds whose interval is of any use."""

PRINTED = 0.1
"""What the last digit of a published number is worth."""

Values = Mapping[int, Measured]
"""Seed -> value."""


def verdict(study: Study, column: str, claim: Claim) -> Verdict:
    """What the runs of one column say of a claim."""
    found = tuple(_judge(study, column, inequality) for inequality in claim.inequalities)
    return Verdict(
        claim=claim,
        column=column,
        differences=found,
        outcome=_together([each.outcome for each in found], claim.exceptions),
        commands=tuple(_commands(study, column, found)),
    )


def _judge(study: Study, column: str, inequality: Inequality) -> Difference:
    values = _values(study, column, inequality, inequality.metric)
    trainable = column == PAPER or not inequality.of_paper
    cut = tuple(
        row
        for row in inequality.rows
        if partial(study, column, row.sweep, row.label, inequality.metric)
    )
    complete = all(values.get(side) for side in (inequality.better, *inequality.worse))
    rival = _best(inequality.worse, values, inequality.metric) if complete else inequality.worse[0]
    ours = _estimate(inequality, rival, values) if complete else None
    recalls = _values(study, column, inequality, MEAN_RECALL) if inequality.metric == "R@1" else {}
    both = ours and recalls.get(inequality.better) and recalls.get(rival)
    return Difference(
        inequality=inequality,
        published=_published(inequality),
        ours=ours,
        recall=_estimate(inequality, rival, recalls) if both else None,
        rival=rival,
        outcome=_outcome(ours),
        missing=_with_fewer(1, inequality, values, cut) if trainable else (),
        partial=cut,
        lacking=_with_fewer(2, inequality, values, cut) if trainable else (),
    )


def _with_fewer(
    seeds: int, inequality: Inequality, values: Mapping[Side, Values], but: Sequence[Row]
) -> tuple[Row, ...]:
    rows = (row for row in inequality.rows if row not in but)
    return tuple(row for row in rows if len(values.get(row, {})) < seeds)


def _outcome(ours: Estimate | None) -> str:
    if ours is None:
        return NOT_RUN
    if ours.few or ours.low <= 0 <= ours.high:
        return UNDECIDED
    return HOLDS if ours.low > 0 else CONTRADICTED


def _together(outcomes: Sequence[str], exceptions: int) -> str:
    if outcomes.count(CONTRADICTED) > exceptions:
        return CONTRADICTED
    if outcomes and outcomes.count(HOLDS) >= len(outcomes) - exceptions:
        return HOLDS
    return UNDECIDED if outcomes and NOT_RUN not in outcomes else NOT_RUN


def _values(
    study: Study, column: str, inequality: Inequality, metric: str
) -> dict[Side, dict[int, Measured]]:
    """Side -> seed -> value; a published number is every seed's, in the paper's column alone."""
    found: dict[Side, dict[int, Measured]] = {
        row: by_seed(study, column, row.sweep, row.label, row.part, metric)
        for row in inequality.rows
    }
    seeds = found.get(inequality.better, {})
    for side in inequality.worse:
        value = number(side, metric) if isinstance(side, Published) else None
        if value is not None and column == PAPER:
            found[side] = dict.fromkeys(seeds, Measured(value, PRINTED))
    return found


def _best(sides: Sequence[Side], values: Mapping[Side, Values], metric: str) -> Side:
    return max(sides, key=lambda side: _sign(metric) * mean(v.value for v in values[side].values()))


def _estimate(inequality: Inequality, rival: Side, values: Mapping[Side, Values]) -> Estimate:
    """The better side less its rival; surer the more rows the rival was chosen from."""
    better, worse = values[inequality.better], values[rival]
    rivals = len(inequality.rows) - 1
    return difference(
        _signed(better, inequality.metric),
        _signed(worse, inequality.metric),
        step=max(value.step for value in (*better.values(), *worse.values())),
        level=1 - (1 - LEVEL) / max(1, rivals),
    )


def _signed(values: Values, metric: str) -> dict[int, float]:
    return {seed: _sign(metric) * measured.value for seed, measured in values.items()}


def _sign(metric: str) -> int:
    return -1 if metric in LOWER_IS_BETTER else 1


def _published(inequality: Inequality) -> float | None:
    """The paper's own difference."""
    metric, sign = inequality.metric, _sign(inequality.metric)
    better = number(inequality.better, metric)
    others = [number(side, metric) for side in inequality.worse]
    if better is None or None in others:
        return None
    return sign * better - max(sign * value for value in others)


def number(side: Side, metric: str) -> float | None:
    """What the paper prints for a side; None where it prints nothing."""
    found = [value for row in _rows(side) if (value := _printed(row, metric)) is not None]
    return max(found, key=lambda value: _sign(metric) * value, default=None)


def _rows(side: Side) -> list[PublishedRow]:
    if isinstance(side, Row):
        row = made_by(side.sweep, side.label, side.part)
        return [row] if row else []
    place = (side.setting, side.dataset)
    found = [row for row in rows(side.table) if (row.setting, row.dataset) == place]
    if side.method:
        return [row for row in found if row.method == side.method]
    return [row for row in found if not row.own and row.method not in side.without]


def _printed(row: PublishedRow, metric: str) -> float | None:
    if metric != MEAN_RECALL:
        return row.values.get(metric)
    recalls = [row.values.get(name) for name in RECALLS]
    return None if None in recalls else mean(recalls)


def _commands(study: Study, column: str, found: Iterable[Difference]) -> Iterable[str]:
    """What trains missing rows, and rows of too few seeds; a command for each sweep."""
    wanted: dict[str, dict[str, None]] = {}
    for row in (row for each in found for row in each.lacking):
        wanted.setdefault(row.sweep, {})[row.label] = None
    for sweep, labels in wanted.items():
        yield study.command(column, sweep, list(labels), SEEDS)
