"""Bars of Figure 5: a clip's strongest words under each variant."""

import textwrap
from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure

from analysis.draw.clip import SIDES, Clip
from analysis.draw.drawing import OTHER, RIGHT, bare
from analysis.draw.pictures import frames

WIDTHS = (0.5, 1, 1, 1, 1)
"""Of the picture and the variants."""


def draw(clips: Sequence[Clip], variants: Mapping[str, str]) -> Figure:
    """For each clip two rows, of its video and of its caption, with a column per variant."""
    figure = Figure(figsize=(10.5, 4.1 * len(clips)), layout="constrained")
    parts = figure.subfigures(len(clips), 1, squeeze=False)[:, 0]
    for part, clip in zip(parts, clips, strict=True):
        _clip(part, clip, variants)
    return figure


def _clip(part: SubFigure, clip: Clip, variants: Mapping[str, str]) -> None:
    title = textwrap.fill(f'{clip.key}: "{clip.caption}"', 110)
    part.suptitle(title, fontsize="large", x=0.02, ha="left")
    rows = part.subplots(len(SIDES), len(WIDTHS), width_ratios=WIDTHS)
    for row, side in zip(rows, SIDES, strict=True):
        _head(row[0], clip, side)
        for panel, label in zip(row[1:], variants, strict=True):
            _bars(panel, clip, clip.words.get((label, side)))
    for panel, about in zip(rows[0][1:], variants.values(), strict=True):
        panel.set_title(about, fontsize="medium")


def _head(panel: Axes, clip: Clip, side: str) -> None:
    bare(panel)
    panel.set_title(side, fontsize="medium")
    if side == "video" and clip.picture:
        panel.imshow(frames(clip.picture, 3)[1])


def _bars(panel: Axes, clip: Clip, words: Sequence[tuple[str, float]] | None) -> None:
    if not words:
        bare(panel)
        text = "not run" if words is None else "no word is active"
        panel.text(0.5, 0.5, text, ha="center", va="center", transform=panel.transAxes)
        return
    names = [word for word, _ in words]
    colours = [RIGHT if clip.said(word) else OTHER for word in names]
    panel.barh(range(len(names)), [weight for _, weight in words], color=colours)
    panel.set_yticks(range(len(names)), names, fontsize=7)
    panel.invert_yaxis()
    panel.tick_params(axis="x", labelsize=6)
    panel.tick_params(axis="y", length=0)
    panel.spines[["top", "right", "left"]].set_visible(False)
