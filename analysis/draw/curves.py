"""Curves of Figure 6."""

import pandas
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from analysis.draw.drawing import STYLES
from analysis.judge.statements.ablations import DEFAULT
from analysis.measured import RECALLS, REPRESENTATIONS


def draw(table: pandas.DataFrame, about: str) -> Figure:
    """One panel per recall: mean against N, one line per representation, std as error bars."""
    figure = Figure(figsize=(10, 3.4), layout="constrained")
    panels = figure.subplots(1, len(RECALLS))
    for panel, metric in zip(panels, RECALLS, strict=True):
        _panel(panel, table[table["metric"] == metric], metric)
    panels[0].set_ylabel("text-to-video recall (%)")
    figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=4)
    figure.suptitle(about, fontsize="medium", x=0.01, ha="left")
    return figure


def _panel(panel: Axes, table: pandas.DataFrame, metric: str) -> None:
    panel.axvline(DEFAULT, color="0.75", linestyle="--", zorder=0, label="the paper's N = 9")
    for name in REPRESENTATIONS:
        line = table[table["representation"] == name].sort_values("stem_depth")
        if not line.empty:
            bars = line["std"] if line["std"].notna().any() else None
            panel.errorbar(
                line["stem_depth"], line["mean"], bars, label=name, capsize=2, **STYLES[name]
            )
    panel.set_title(metric, fontsize="medium")
    panel.set_xlabel("N, shared stem blocks")
    panel.set_xticks(sorted(set(table["stem_depth"])))
    panel.grid(axis="y", color="0.9")
    panel.spines[["top", "right"]].set_visible(False)
