"""What all figures have in common: colours, and files that are the same byte for byte each time."""

import io
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox

from unify.files import write_atomically

matplotlib.rcParams["text.parse_math"] = False  # a dollar in a caption is a dollar

SETTINGS = {"font.family": "DejaVu Sans", "pdf.fonttype": 42}
"""The font that comes with matplotlib, kept as text in PDF."""

STYLES = {
    "latent": {"color": "#0072b2", "marker": "s"},
    "lexicon": {"color": "#d55e00", "marker": "^"},
    "fused": {"color": "#222222", "marker": "o"},
}
"""Colours that colour-blind readers tell apart, and a marker for print."""
RIGHT = "#009e73"
"""What is right: words of the caption, the clip that was looked for."""
OTHER = "0.72"

DIGITS = 6
"""Of places in a figure, as shares of its size."""
UNDATED = {
    "png": {"Software": None},
    "pdf": {"Creator": None, "Producer": None, "CreationDate": None},
}


def save(figure: Figure, stem: Path) -> list[Path]:
    """Write `stem`.png and `stem`.pdf without dates or versions; the paths written."""
    _settle(figure)
    return [_save(figure, stem, kind) for kind in UNDATED]


def _settle(figure: Figure) -> None:
    """Lay the figure out once, rounded: the layout's solver is not exact to the last digit, and
    the same runs must give the same file."""
    figure.draw_without_rendering()
    figure.set_layout_engine("none")
    for part in [figure, *figure.subfigs]:
        if part is not figure:
            part.bbox_relative.set_points(part.bbox_relative.get_points().round(DIGITS))
        for text in part.texts:
            text.set_position([round(value, DIGITS) for value in text.get_position()])
    for panel in figure.axes:
        panel.set_position(Bbox(panel.get_position().get_points().round(DIGITS)))


def bare(panel: Axes) -> None:
    """No ticks, no frame."""
    panel.set_xticks([])
    panel.set_yticks([])
    panel.spines[:].set_visible(False)


def _save(figure: Figure, stem: Path, kind: str) -> Path:
    content = io.BytesIO()
    with matplotlib.rc_context(SETTINGS):
        figure.savefig(content, format=kind, dpi=160, metadata=UNDATED[kind])
    path = stem.with_name(f"{stem.name}.{kind}")
    write_atomically(path, content.getvalue())
    return path
