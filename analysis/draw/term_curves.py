"""Panels of the training curves."""

from collections.abc import Mapping, Sequence

import pandas
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.draw.drawing import bare

COLOURS = ("#000000", "#56b4e9", "#0072b2", "#e69f00", "#009e73", "#cc79a7", "#d55e00")
"""Colours that colour-blind readers tell apart (Okabe and Ito)."""
COLUMNS = 4


def draw(
    curves: pandas.DataFrame, rows: Sequence[str], terms: Mapping[str, str], second_stage: float
) -> Figure:
    """A panel per term with a line per row: mean over seeds, band from lowest to highest.

    `second_stage`: the share of training at which freezing ends.
    """
    height = -(-(len(terms) + 1) // COLUMNS)
    figure = Figure(figsize=(13, 3 * height), layout="constrained")
    panels = list(figure.subplots(height, COLUMNS).flat)
    for panel, (term, about) in zip(panels, terms.items(), strict=False):
        panel.set_title(about, fontsize="medium")
        panel.axvline(second_stage * curves["step"].max(), color="0.8", linestyle="--", zorder=0)
        _panel(panel, curves[curves["term"] == term], rows)
        panel.set(xlim=(0, curves["step"].max()), ylim=(0, None))
    for panel in panels[len(terms) :]:
        bare(panel)
    _legend(panels[-1], [name for name in rows if name in set(curves["row"])], rows)
    return figure


def _legend(panel: Axes, shown: Sequence[str], rows: Sequence[str]) -> None:
    colours = dict(zip(rows, COLOURS, strict=True))
    handles = [panel.plot([], [], color=colours[name])[0] for name in shown]
    panel.legend(handles, shown, loc="center", frameon=False)


def _panel(panel: Axes, curves: pandas.DataFrame, rows: Sequence[str]) -> None:
    for name, colour in zip(rows, COLOURS, strict=True):
        line = curves[curves["row"] == name].sort_values("step")
        panel.plot(line["step"], line["mean"], color=colour, linewidth=1.4)
        panel.fill_between(
            line["step"], line["low"], line["high"], color=colour, alpha=0.2, linewidth=0
        )
    panel.set_xlabel("step", fontsize="small")
    panel.grid(axis="y", color="0.9")
    panel.spines[["top", "right"]].set_visible(False)
