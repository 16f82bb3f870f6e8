"""Clips of Figure 4: what either representation retrieves for a query."""

import textwrap
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure

from analysis.draw.drawing import OTHER, RIGHT, STYLES, bare
from analysis.draw.pictures import frames
from analysis.store.samples import Query, preview
from unify.records import RunDirectory

PARTS = ("lexicon", "latent")
CLIPS = 4
"""Retrieved clips shown."""
FRAMES = 3
"""Frames shown of each clip, from its first to its last."""
WORDS = 4
"""Matched words shown below a clip."""


def draw(directory: RunDirectory, queries: Sequence[Query]) -> Figure:
    """For each query the right clip, and a row of retrieved ones for each representation."""
    figure = Figure(figsize=(12, 3 * len(queries)), layout="constrained")
    parts = figure.subfigures(len(queries), 1, squeeze=False)[:, 0]
    for part, query in zip(parts, queries, strict=True):
        _query(part, directory, query)
    return figure


def _query(part: SubFigure, directory: RunDirectory, query: Query) -> None:
    title = textwrap.fill(f'Query: "{query.caption}"', 110)
    part.suptitle(title, fontsize="large", x=0.02, ha="left")
    rows = part.subplots(len(PARTS), 1 + CLIPS)
    _clip(rows[0][0], directory, query.key, right=True)
    rows[0][0].set_title("the right clip", fontsize="medium", color=RIGHT)
    _words(rows[0][0], query, query.key)
    bare(rows[1][0])
    for row, name in zip(rows, PARTS, strict=True):
        _row(row[1:], directory, query, name)


def _row(row: Sequence[Axes], directory: RunDirectory, query: Query, name: str) -> None:
    found = query.retrieved.get(name, [])[:CLIPS]
    for panel, (key, _) in zip(row, found, strict=False):
        _clip(panel, directory, key, right=key == query.key)
        if name == "lexicon":
            _words(panel, query, key)
    for panel in row[len(found) :]:
        bare(panel)
    rank = f"{query.ranks[name]:g}" if name in query.ranks else "-"
    style = {"fontsize": "medium", "color": STYLES[name]["color"], "fontweight": "bold"}
    row[0].set_title(f"{name}: Rank = {rank}", loc="left", **style)


def _clip(panel: Axes, directory: RunDirectory, key: str, *, right: bool) -> None:
    bare(panel)
    path = preview(directory, key)
    if path is None:
        panel.text(0.5, 0.5, f"{key}\n(no picture)", ha="center", va="center")
    else:
        panel.imshow(_strip(frames(path, FRAMES)))
    panel.spines[:].set(visible=True, color=RIGHT if right else OTHER, linewidth=4 if right else 1)


def _strip(found: Sequence[np.ndarray]) -> np.ndarray:
    """The frames side by side, a white line between them."""
    gap = np.full((found[0].shape[0], 2, 3), 255, found[0].dtype)
    pieces = [piece for frame in found for piece in (frame, gap)]
    return np.concatenate(pieces[:-1], axis=1)


def _words(panel: Axes, query: Query, key: str) -> None:
    words = [
        f"{word}\N{NO-BREAK SPACE}{share:.0%}" for word, share in query.words.get(key, [])[:WORDS]
    ]
    panel.set_xlabel(textwrap.fill("  ".join(words), 34), fontsize=7.5)
