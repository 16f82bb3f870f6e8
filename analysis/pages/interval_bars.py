"""Differences with their intervals, drawn as lines beside their numbers."""

from markupsafe import Markup

from analysis.judge.claim import Difference, Verdict

MIDDLE, HALF = 50.0, 46.0
"""Where zero lies and how far the largest difference reaches, in units of the drawing's width."""


def interval(verdict: Verdict, found: Difference) -> Markup:
    """An SVG: our mean as a dot on its interval, the paper's difference as a ring.

    All differences of a verdict have the same scale.
    """
    if found.ours is None:
        return Markup("")
    scale = max(map(abs, (x for each in verdict.differences for x in _values(each))), default=1.0)
    at = {value: MIDDLE + HALF * value / (scale or 1.0) for value in _values(found)}
    parts = [f'<line class="zero" x1="{MIDDLE}" x2="{MIDDLE}" y1="0" y2="12"/>']
    ours = found.ours
    if ours.low is not None and ours.high is not None:
        parts.append(f'<line x1="{at[ours.low]:.1f}" x2="{at[ours.high]:.1f}" y1="6" y2="6"/>')
    parts.append(f'<circle class="mean" cx="{at[ours.mean]:.1f}" cy="6" r="2.2"/>')
    if found.published is not None:
        parts.append(f'<circle class="paper" cx="{at[found.published]:.1f}" cy="6" r="3.6"/>')
    drawn = "".join(parts)
    return Markup('<svg class="interval" viewBox="0 0 100 12" aria-hidden="true">%s</svg>') % (
        Markup(drawn)
    )


def _values(found: Difference) -> list[float]:
    """All numbers that are drawn."""
    ours = found.ours
    given = [ours.low, ours.mean, ours.high, found.published] if ours else []
    return [value for value in given if value is not None]
