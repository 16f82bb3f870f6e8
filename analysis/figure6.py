"""Figure 6: text-to-video retrieval against N, the number of shared stem blocks.

  python analysis/figure6.py
  python analysis/figure6.py --runs runs --out figures --set plan.epochs=5

Writes figures/figure6.png, .pdf, .csv and .md, and figure6_paper.png, .pdf and .csv where runs of
the paper's preset are there.
"""

import sys
from pathlib import Path

import pandas

if not __package__:  # started as a script: import from the repository, not from this folder
    sys.path[0] = str(Path(__file__).resolve().parents[1])

from analysis import command
from analysis.draw import captions
from analysis.draw.stem_depth import SWEEP, points, rows, statement
from analysis.measured import RECALLS, REPRESENTATIONS, place
from analysis.study import Study
from analysis.tabulate.text import PLUS_MINUS, cell, markdown
from unify.files import write_atomically

NAME = "figure6"
TITLE = "Figure 6: how many stem blocks the branches share"


def main(argv: list[str] | None = None) -> int:
    """0, 2 where nothing can be drawn."""
    return command.main(f"{NAME}.py", __doc__, write, argv)


def write(study: Study, out: Path) -> list[Path]:
    """Draw each column that has runs into `out`/figures; the paths written.

    Raises:
        AnalysisError: where there are no runs.
    """
    folder = out / "figures"
    pictures = [path for column in _columns(study) for path in _write(study, column, folder)]
    return [*pictures, captions.write_caption(folder, NAME, TITLE, caption(study), pictures)]


def caption(study: Study) -> str:
    """What is shown, of which runs, and whether it is what the paper shows; Markdown."""
    return "\n\n".join(_caption(study, column) for column in _columns(study))


def _write(study: Study, column: str, folder: Path) -> list[Path]:
    from analysis.draw.curves import draw  # matplotlib: only where something is drawn
    from analysis.draw.drawing import save

    table = points(study, column)
    stem = folder / captions.figure(NAME, column)
    path = stem.with_suffix(".csv")
    write_atomically(path, table.to_csv(index=False, float_format="%.4f"))
    return [*save(draw(table, _about(study, column)), stem), path]


def _caption(study: Study, column: str) -> str:
    runs = rows(study, column)
    parts = [
        f"{_about(study, column)}; mean {PLUS_MINUS} standard deviation over seeds.",
        statement(study, column),
        _markdown(points(study, column)),
        captions.missing(study, column, SWEEP, runs),
    ]
    return "\n\n".join(part for part in parts if part)


def _about(study: Study, column: str) -> str:
    runs = rows(study, column)
    first = next(found[0] for found in runs.values() if found)
    return f"Zero-shot on {place(first)}, preset {column}, {captions.seeds(runs)}"


def _columns(study: Study) -> list[str]:
    found = [c for c in study.columns if any(rows(study, c).values())]
    if not found:
        raise captions.nothing(study, "Figure 6", SWEEP)
    return found


def _markdown(table: pandas.DataFrame) -> str:
    cells = {tuple(row[:3]): row[3:] for row in table.itertuples(index=False)}
    keys = [(name, metric) for name in REPRESENTATIONS for metric in RECALLS]
    keys = [key for key in keys if any(cell_key[1:] == key for cell_key in cells)]
    lines = []
    for depth in sorted(set(table["stem_depth"])):
        found = [cells.get((depth, *key), (None, None, 0)) for key in keys]
        seeds = max(count for _, _, count in found)
        lines.append([str(depth), str(seeds), *[cell(mean, std) for mean, std, _ in found]])
    return markdown(["N", "seeds", *[f"{name} {metric}" for name, metric in keys]], lines)


if __name__ == "__main__":
    sys.exit(main())
