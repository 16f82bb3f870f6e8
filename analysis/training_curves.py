"""Training curves: loss terms and active words against steps, for the runs of Tables 4 and 5.

  python analysis/training_curves.py
  python analysis/training_curves.py --runs runs --out figures

Writes figures/training_curves.png, .pdf and .md, and training_curves_paper.png and .pdf where runs
of the paper's preset are there.
"""

import logging
import sys
from pathlib import Path

import pandas

if not __package__:  # started as a script: import from the repository, not from this folder
    sys.path[0] = str(Path(__file__).resolve().parents[1])

from analysis import command
from analysis.draw import captions
from analysis.results import Record
from analysis.store.logged import logged
from analysis.study import Study
from unify.config import FusionConfig
from unify.records import RecordError

logger = logging.getLogger(__name__)

NAME = "training_curves"
TITLE = "Training curves: loss terms and active words"
ROWS = {
    "both branches, distilled (UNIFY)": ("unified_learning", "sharing_distillation"),
    "both branches": ("unified_learning", "sharing"),
    "latent branch alone": ("unified_learning", "no_sharing"),
    "lexicon alone: neither": ("semantics_grounding", "no_tsg"),
    "lexicon alone: freezing only": ("semantics_grounding", "freeze_only"),
    "lexicon alone: MLM only": ("semantics_grounding", "mlm_only"),
    "lexicon alone: freezing, then MLM": ("semantics_grounding", "tsg"),
}
"""Line of the figure -> sweep and label."""
TERMS = {
    "latent_nce": "latent contrastive loss",
    "lexicon_nce": "lexicon contrastive loss",
    "distillation": "self-distillation loss, unweighted",
    "mlm": "MLM loss",
    "flops": "FLOPs loss, unweighted",
    "video_active": "active words per video",
    "text_active": "active words per text",
}
"""Column of `metrics.jsonl` -> what it is."""


def main(argv: list[str] | None = None) -> int:
    """0, 2 where nothing can be drawn."""
    return command.main(f"{NAME}.py", __doc__, write, argv)


def write(study: Study, out: Path) -> list[Path]:
    """Draw each column that has runs into `out`/figures; the paths written.

    Raises:
        AnalysisError: where no run has a log; a damaged one is named in a warning and left out.
    """
    from analysis.draw.drawing import save  # matplotlib: only where something is drawn
    from analysis.draw.term_curves import draw

    _name_damaged(study)
    folder = out / "figures"
    pictures = []
    for column in _columns(study):
        figure = draw(curves(study, column), list(ROWS), TERMS, _second_stage(study, column))
        pictures += save(figure, folder / captions.figure(NAME, column))
    return [*pictures, captions.write_caption(folder, NAME, TITLE, caption(study), pictures)]


def caption(study: Study) -> str:
    """What is shown, of which runs; Markdown."""
    return "\n\n".join(_caption(study, column) for column in _columns(study))


def curves(study: Study, column: str) -> pandas.DataFrame:
    """row, term, step, and mean, low and high over seeds."""
    rows = [
        {"row": name, "term": term, "step": values["step"] + 1, "value": values[term]}
        for name, runs in _runs(study, column).items()
        for run in runs
        for values in _log(run)
        for term in TERMS
        if term in values
    ]
    frame = pandas.DataFrame(rows, columns=["row", "term", "step", "value"])
    made = frame.groupby(["row", "term", "step"])["value"].agg(["mean", "min", "max"])
    return made.rename(columns={"min": "low", "max": "high"}).reset_index()


def _runs(study: Study, column: str) -> dict[str, list[Record]]:
    return {name: _trainings(study, column, *row) for name, row in ROWS.items()}


def _trainings(study: Study, column: str, sweep: str, label: str) -> list[Record]:
    """The runs of a row; of a fusion, those that its latent branch is of."""
    config = study.config(column, sweep, label)
    if config is None:
        return []
    return study.of(config.latent if isinstance(config, FusionConfig) else config)


def _log(run: Record) -> list[dict[str, float]]:
    """What the run logged; nothing where that is damaged."""
    try:
        return logged(run.directory)
    except RecordError:
        return []


def _name_damaged(study: Study) -> None:
    """Warn of each run whose log cannot be drawn."""
    shown = [
        run for column in study.columns for runs in _runs(study, column).values() for run in runs
    ]
    for directory in {run.path: run.directory for run in shown}.values():
        try:
            logged(directory)
        except RecordError as error:
            logger.warning("left out %s", error)


def _second_stage(study: Study, column: str) -> float:
    """The share of training after which the default run's text encoder is no longer frozen."""
    plan = study.columns[column].plan
    return plan.grounding_epochs / plan.epochs


def _caption(study: Study, column: str) -> str:
    runs = _runs(study, column)
    parts = [
        f"Loss terms and active words against steps, preset {column}, {captions.seeds(runs)}: mean "
        "over seeds, the band from the lowest to the highest. The dashed line is where freezing "
        "ends, in the runs that freeze.",
        *(_missing(study, column, sweep) for sweep in ("unified_learning", "semantics_grounding")),
    ]
    return "\n\n".join(part for part in parts if part)


def _missing(study: Study, column: str, sweep: str) -> str:
    runs = {row[1]: _trainings(study, column, *row) for row in ROWS.values() if row[0] == sweep}
    return captions.missing(study, column, sweep, runs)


def _columns(study: Study) -> list[str]:
    found = [c for c in study.columns if any(_log(r) for f in _runs(study, c).values() for r in f)]
    if not found:
        raise captions.nothing(study, "the training curves", "unified_learning")
    return found


if __name__ == "__main__":
    sys.exit(main())
