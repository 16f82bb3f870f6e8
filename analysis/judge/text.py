"""Claims and their verdicts as a Markdown page."""

from collections import Counter
from collections.abc import Iterable, Sequence

from analysis.judge.claim import (
    CONTRADICTED,
    HOLDS,
    NOT_RUN,
    OUTCOMES,
    UNDECIDED,
    Claim,
    Difference,
    Row,
    Verdict,
)
from analysis.judge.intervals import LEVEL, Estimate, seeds_needed
from analysis.judge.statements import SECTIONS
from analysis.judge.statements.sides import Section
from analysis.measured import LOWER_IS_BETTER, RELEVANT
from analysis.study import ALTERED, PAPER
from analysis.tabulate.text import markdown

INTRODUCTION = f"""\
Every statement of the paper's section 4 that compares numbers (and a few that its ablation tables
make without a sentence, marked as such), written as an inequality between rows of the registry, and
what the finished runs say of it. Its direction alone is judged: how large a difference is in the
paper stands beside ours, and decides nothing. How a verdict is made:

- **ours** is a difference of two means over seeds, positive where the statement points: of R@1,
  text to video, in points, as in the paper, unless another metric is named. The same difference of
  the mean of R@1, R@5 and R@10 ("mean recall") is less noisy; it is shown, and never judged.
- The **interval** has {LEVEL:.0%} confidence by Student's t: over the differences seed by seed
  where both rows have the same seeds, else Welch's for two separate samples. It covers what other
  seeds would change; the test set stays the same.
- **{HOLDS}**: the whole interval is above 0. **{CONTRADICTED}**: it is below 0. **{UNDECIDED}**: it
  contains 0, or a row has fewer than two seeds, and so there is none. **{NOT_RUN}**: a row has no
  finished run on its whole test set, or the other side is a published number, which runs of the
  paper's own preset alone are held against. A claim of several inequalities holds if all of them
  do, and is contradicted as soon as one is, but for the exceptions that the paper itself makes.
- Of differences that are nothing at all, one in twenty still gets a verdict. With three seeds
  intervals are wide, and true differences stay undecided: beside those stands about how many seeds
  would decide them, if difference and spread stayed as they are.
- **paper** is the difference of the numbers printed in its tables, which are of one training each.
  Where it is not positive, its table does not bear out that one inequality; a sentence that says
  "almost all" allows for this.
"""

MINIATURE = """\
A miniature world decides nothing about the paper. Its clips are drawn, its model is small and its
training takes minutes: what fails here fails here, and what holds here may fail on real videos.
"""

OVERVIEW = ("statement", "ours", "seeds", "verdict", "paper")
DETAILS = (
    *("preset", "inequality", "metric", "values", "ours", "interval", "mean recall", "seeds"),
    *("verdict", "paper"),
)
SHOWN = 2
"""Inequalities whose numbers fit into a line of the overview."""

Column = Sequence[Verdict]
"""All verdicts of a preset."""


def page(verdicts: Sequence[Verdict], level: int) -> str:
    """How verdicts are made, an overview for each preset that has runs, and claim by claim.

    `level`: of the highest headings.
    """
    shown = run_columns(verdicts)
    names = dict.fromkeys(verdict.column for verdict in verdicts)
    without = [name for name in names if name not in {found[0].column for found in shown}]
    parts = [INTRODUCTION, *(_overview(found, level) for found in shown)]
    parts += [f"No claim has been run with preset {name}." for name in without]
    parts += [_section(section, shown, level) for section in SECTIONS]
    return "\n\n".join(part.strip() for part in parts)


def run_columns(verdicts: Sequence[Verdict]) -> list[Column]:
    """The verdicts of each preset with a claim that was run; of the last one where none has."""
    names = dict.fromkeys(verdict.column for verdict in verdicts)
    columns = [[verdict for verdict in verdicts if verdict.column == name] for name in names]
    run = [found for found in columns if any(verdict.outcome != NOT_RUN for verdict in found)]
    return run or columns[-1:]


def counts(verdicts: Iterable[Verdict]) -> str:
    """Such as "3 hold, 1 contradicted, 2 undecided, 4 not run"."""
    found = Counter(verdict.outcome for verdict in verdicts)
    names = {HOLDS: "hold"}
    return ", ".join(f"{found[name]} {names.get(name, name)}" for name in OUTCOMES)


def interval(ours: Estimate | None) -> str:
    """The ends, with the confidence where it is another than usual; a dash where there are none."""
    if ours is None or ours.low is None or ours.high is None:
        return "-"
    unusual = "" if ours.level == LEVEL else f" ({ours.level:.1%})"
    decided = not ours.low <= 0 <= ours.high
    low, high = (_bound(value, decided) for value in (ours.low, ours.high))
    return f"[{low}, {high}]{unusual}"


def seeds(ours: Estimate | None) -> str:
    """How many there are, on either side where they differ."""
    if ours is None:
        return "-"
    return f"{ours.seeds[0]}" if ours.paired else " and ".join(map(str, ours.seeds))


def signed(value: float | None) -> str:
    """With a sign, or a dash."""
    return "-" if value is None else f"{value:+.1f}"


def _bound(value: float, decided: bool) -> str:
    """With more digits where 0.0 would belie that 0 is outside."""
    digits = 1
    while decided and value and not round(value, digits):
        digits += 1
    return f"{value:+.{digits}f}"


def compared(found: Difference) -> str:
    """The inequality; of several others also the one that was best here."""
    several = len(found.inequality.worse) > 1 and found.ours
    return f"{found.inequality}{f', here {found.rival.short}' if several else ''}"


def needed(found: Difference) -> str:
    """What an inequality without a verdict lacks; nothing where that cannot be said."""
    if found.partial and found.outcome == NOT_RUN:
        return f"{_labels(found.partial)} on an incomplete test set, left out"
    if found.inequality.of_paper and not found.ours and not found.missing:
        return "published numbers are for the paper's preset alone"
    if found.missing:
        return f"{_labels(found.missing)} missing"
    count = seeds_needed(found.ours) if found.outcome == UNDECIDED and found.ours else None
    return f"about {count} seeds would decide" if count else ""


def _labels(rows: Iterable[Row]) -> str:
    return ", ".join(dict.fromkeys(row.label for row in rows))


def _overview(found: Column, level: int) -> str:
    column = found[0].column
    parts = [f"{'#' * level} Preset {column}", *([] if column in (PAPER, ALTERED) else [MINIATURE])]
    parts.append(f"{len(found)} claims: {counts(found)}.")
    failed = [f"`{verdict.claim.name}`" for verdict in found if verdict.outcome == CONTRADICTED]
    parts += [f"Contradicted: {', '.join(failed)}."] if failed else []
    links = (f"[`{verdict.claim.name}`](#{verdict.claim.name})" for verdict in found)
    rows = [[link, *line(verdict)] for link, verdict in zip(links, found, strict=True)]
    parts.append(markdown(["claim", *OVERVIEW], rows))
    return "\n\n".join(part.strip() for part in parts)


def line(verdict: Verdict) -> list[str]:
    """What the overview says of a claim, under `OVERVIEW`; Markdown."""
    estimates = [each.ours for each in verdict.differences if each.ours]
    numbers = " / ".join(map(_estimate, estimates)) or "-"
    return [
        verdict.claim.says,
        numbers if len(estimates) <= SHOWN else _tally(verdict.differences),
        " / ".join(dict.fromkeys(map(seeds, estimates))) or "-",
        _bold(verdict.outcome),
        _published(verdict.differences),
    ]


def _estimate(ours: Estimate) -> str:
    """Mean and interval; the mean alone where there are too few seeds."""
    return signed(ours.mean) if ours.few else f"{signed(ours.mean)} {interval(ours)}"


def _published(found: Sequence[Difference]) -> str:
    """The paper's differences; ranks apart from points."""
    given = [each for each in found if each.published is not None]
    ranks = [each for each in given if each.inequality.metric in LOWER_IS_BETTER]
    points = _range([each.published for each in given if each not in ranks])
    if not ranks:
        return points
    return f"{points}; {ranks[0].inequality.metric} {_range([each.published for each in ranks])}"


def _range(values: Sequence[float]) -> str:
    if len(values) > SHOWN:
        return f"{signed(min(values))} to {signed(max(values))}"
    return " / ".join(map(signed, values)) or "-"


def _tally(found: Sequence[Difference]) -> str:
    return f"{sum(each.outcome == HOLDS for each in found)} of {len(found)} hold"


def _section(section: Section, columns: Sequence[Column], level: int) -> str:
    parts = [f"{'#' * level} {section.title}", section.about]
    for claim in section.claims:
        verdicts = [verdict for found in columns for verdict in found if verdict.claim is claim]
        parts.append(f"{'#' * level}# `{claim.name}`")
        parts += _claim(claim, verdicts)
    return "\n\n".join(part.strip("\n") for part in parts)


def _claim(claim: Claim, verdicts: Sequence[Verdict]) -> list[str]:
    outcomes = ", ".join(f"{_bold(verdict.outcome)} ({verdict.column})" for verdict in verdicts)
    parts = [f"{claim.says} *{claim.where[0].upper()}{claim.where[1:]}.*"]
    parts.append(f"Verdict: {outcomes}.")
    rows = [_details(verdict, each) for verdict in verdicts for each in verdict.differences]
    parts.append(markdown(DETAILS, rows))
    parts += [claim.note] if claim.note else []
    commands = [line for verdict in verdicts for line in verdict.commands]
    return [*parts, *(f"What would say more: `{line}`" for line in commands)]


def _details(verdict: Verdict, found: Difference) -> list[str]:
    ours, metric = found.ours, found.inequality.metric
    lacks = needed(found)
    return [
        verdict.column,
        compared(found),
        RELEVANT.get(metric, metric),
        " / ".join(f"{abs(value):.1f}" for value in ours.means) if ours else "-",
        signed(ours and ours.mean),
        interval(ours),
        _estimate(found.recall) if found.recall else "-",
        seeds(ours),
        _bold(found.outcome) + (f" ({lacks})" if lacks else ""),
        signed(found.published),
    ]


def _bold(outcome: str) -> str:
    return outcome if outcome in (NOT_RUN, UNDECIDED) else f"**{outcome}**"
