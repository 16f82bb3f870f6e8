"""Figure 3: on which actions of UCF101 either representation is the better one.

  python analysis/figure3.py
  python analysis/figure3.py --runs runs --out figures

Writes figures/figure3.png, .pdf, .csv and .md, and figure3_paper.png, .pdf and .csv where runs of
the paper's preset are there; the CSV file has every class.
"""

import sys
from pathlib import Path

if not __package__:  # started as a script: import from the repository, not from this folder
    sys.path[0] = str(Path(__file__).resolve().parents[1])

from analysis import command
from analysis.draw import captions
from analysis.draw.action_classes import CHOSEN, SWEEP, chosen, differences, runs, tally
from analysis.study import Study
from unify.files import write_atomically

NAME = "figure3"
TITLE = "Figure 3: what either representation recognises"


def main(argv: list[str] | None = None) -> int:
    """0, 2 where nothing can be drawn."""
    return command.main(f"{NAME}.py", __doc__, write, argv)


def write(study: Study, out: Path) -> list[Path]:
    """Draw each column that has runs into `out`/figures; the paths written.

    Raises:
        AnalysisError: where no run has measured accuracies class by class.
    """
    folder = out / "figures"
    pictures = [path for column in _columns(study) for path in _write(study, column, folder)]
    return [*pictures, captions.write_caption(folder, NAME, TITLE, caption(study), pictures)]


def caption(study: Study) -> str:
    """What is shown, of which runs, and how it was chosen, beside what the paper says; Markdown."""
    return "\n\n".join(_caption(study, column) for column in _columns(study))


def _write(study: Study, column: str, folder: Path) -> list[Path]:
    from analysis.draw.class_bars import draw  # matplotlib: only where something is drawn
    from analysis.draw.drawing import save

    table = differences(study, column)
    stem = folder / captions.figure(NAME, column)
    path = stem.with_suffix(".csv")
    write_atomically(path, table.to_csv(index=False, float_format="%.4f"))
    return [*save(draw(chosen(table), _about(study, column)), stem), path]


def _caption(study: Study, column: str) -> str:
    table = differences(study, column)
    found = {SWEEP[1]: runs(study, column)}
    shown = (
        f"{_about(study, column)}. Top-1 accuracy of zero-shot recognition class by class, mean "
        "over seeds, of all clips of the three test splits together. Shown are, by the same rule "
        f"for either side, the {CHOSEN} classes on which the lexicon is furthest ahead of the "
        f"latent representation and the {CHOSEN} on which it is furthest behind (ties by name; "
        "fewer where it is ahead or behind on fewer), and those that the paper names; the CSV file "
        "has every class."
    )
    paper = (
        "**The paper** (section 4.3) shows several actions of UCF101: the lexicon does better on "
        '"classes like Billiards and Horse Riding", told by objects, the latent representation on '
        '"classes like Mixing and Ice Dancing", told by long-range action, and both together '
        "better still on most. How it chose them, it does not say, and it prints no numbers."
    )
    parts = [shown, paper, tally(table), captions.partial(found)]
    return "\n\n".join(part for part in parts if part)


def _about(study: Study, column: str) -> str:
    found = {SWEEP[1]: runs(study, column)}
    return f"UCF101, preset {column}, {captions.seeds(found)}"


def _columns(study: Study) -> list[str]:
    found = [column for column in study.columns if runs(study, column)]
    if not found:
        raise captions.nothing(study, "Figure 3", *SWEEP)
    return found


if __name__ == "__main__":
    sys.exit(main())
