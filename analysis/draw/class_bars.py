"""Bars of Figure 3: accuracies of the three representations on chosen classes."""

import pandas
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.draw.action_classes import AHEAD
from analysis.draw.drawing import STYLES
from analysis.measured import REPRESENTATIONS

HEIGHT = 0.26
"""Of a bar, where classes are 1 apart."""


def draw(table: pandas.DataFrame, about: str) -> Figure:
    """A group of three bars per class, those on which the lexicon is ahead above the line."""
    figure = Figure(figsize=(8, 1.4 + 0.5 * max(1, len(table))), layout="constrained")
    panel = figure.subplots()
    for place, part in enumerate(REPRESENTATIONS):
        at = [row + (place - 1) * HEIGHT for row in range(len(table))]
        panel.barh(at, table[part], height=HEIGHT, color=STYLES[part]["color"], label=part)
    panel.set_yticks(range(len(table)), table["class"])
    _line(panel, (table[AHEAD] > 0).sum(), len(table))
    panel.set(xlim=(0, 100), ylim=(max(1, len(table)) - 0.5, -0.5), xlabel="top-1 accuracy (%)")
    panel.grid(axis="x", color="0.9")
    panel.set_axisbelow(True)
    panel.spines[["top", "right"]].set_visible(False)
    figure.legend(*panel.get_legend_handles_labels(), loc="outside lower center", ncols=3)
    figure.suptitle(about, fontsize="medium", x=0.01, ha="left")
    return figure


def _line(panel: Axes, ahead: int, count: int) -> None:
    """Between classes on which the lexicon is ahead and the others."""
    if 0 < ahead < count:
        panel.axhline(ahead - 0.5, color="0.5", linestyle="--", linewidth=1)
