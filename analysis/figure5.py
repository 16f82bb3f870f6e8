"""Figure 5: the ten strongest words of the same clips under each variant of semantics grounding.

  python analysis/figure5.py
  python analysis/figure5.py --runs runs --out figures

Writes figures/figure5.png, .pdf, .csv and .md, and figure5_paper.png, .pdf and .csv where runs of
the paper's preset are there.
"""

import sys
from pathlib import Path

import pandas

if not __package__:  # started as a script: import from the repository, not from this folder
    sys.path[0] = str(Path(__file__).resolve().parents[1])

from analysis import command
from analysis.draw import captions
from analysis.draw.clip import SIDES, Clip
from analysis.measured import RELEVANT, measured, place
from analysis.results import Record
from analysis.store.legible import legible
from analysis.store.samples import SHOWN, preview
from analysis.study import Study
from unify.files import write_atomically

NAME = "figure5"
TITLE = "Figure 5: what words a clip falls on, with and without grounding"
SWEEP = "semantics_grounding"
VARIANTS = {
    "no_tsg": "A: neither",
    "freeze_only": "B: freezing only",
    "mlm_only": "C: MLM only",
    "tsg": "D: freezing, then MLM",
}
"""Label -> what it is, with its line in Table 5."""
CLIPS = 3
"""The first ones of those that every run records, whatever they look like."""


def main(argv: list[str] | None = None) -> int:
    """0, 2 where nothing can be drawn."""
    return command.main(f"{NAME}.py", __doc__, write, argv)


def write(study: Study, out: Path) -> list[Path]:
    """Draw each column that has runs into `out`/figures; the paths written.

    Raises:
        AnalysisError: where no run has recorded words.
    """
    folder = out / "figures"
    pictures = [path for column in _columns(study) for path in _write(study, column, folder)]
    return [*pictures, captions.write_caption(folder, NAME, TITLE, caption(study), pictures)]


def caption(study: Study) -> str:
    """What is shown, of which runs, beside what the paper says; Markdown."""
    return "\n\n".join(_caption(study, column) for column in _columns(study))


def clips(study: Study, column: str) -> list[Clip]:
    """The clips shown, with the words of every variant that has a run."""
    examples = {label: _examples(run) for label, run in _runs(study, column).items()}
    first = next(iter(examples.values()), [])
    return [_clip(study, column, example, examples) for example in first[:CLIPS]]


def _clip(study: Study, column: str, example: dict, examples: dict[str, list[dict]]) -> Clip:
    found = {
        (label, side): [(word, weight) for word, weight in other[field]]
        for label, others in examples.items()
        for other in others
        for side, field in SIDES.items()
        if other["key"] == example["key"]
    }
    pictures = [preview(run.directory, example["key"]) for run in study.runs(column, *SHOWN)]
    return Clip(
        key=example["key"],
        caption=legible(example["caption"]),
        words=found,
        picture=next((path for path in pictures if path), None),
    )


def _write(study: Study, column: str, folder: Path) -> list[Path]:
    from analysis.draw.drawing import save  # matplotlib: only where something is drawn
    from analysis.draw.word_bars import draw

    shown = clips(study, column)
    stem = folder / captions.figure(NAME, column)
    path = stem.with_suffix(".csv")
    write_atomically(path, _table(shown).to_csv(index=False, float_format="%.4f"))
    return [*save(draw(shown, VARIANTS), stem), path]


def _table(shown: list[Clip]) -> pandas.DataFrame:
    rows = [
        {
            "clip": clip.key,
            "caption": clip.caption,
            "variant": label,
            "side": side,
            "rank": rank,
            "word": word,
            "weight": weight,
            "in_caption": clip.said(word),
        }
        for clip in shown
        for (label, side), words in clip.words.items()
        for rank, (word, weight) in enumerate(words, 1)
    ]
    return pandas.DataFrame(rows)


def _caption(study: Study, column: str) -> str:
    runs = _runs(study, column)
    first = next(iter(runs.values()))
    shown = (
        f"The ten strongest words of the first {len(clips(study, column))} recorded clips of "
        f"{place(first)} (not chosen by their looks) and of their captions, lexicon branch alone, "
        f"preset {column}, {', '.join(f'{label} seed {run.seed}' for label, run in runs.items())}. "
        "Words of the caption shown are green."
    )
    paper = (
        "**The paper** shows one clip: without grounding, video and text fall on irrelevant words; "
        "freezing leaves fewer of them, and MLM suppresses the rest."
    )
    rows = {label: study.runs(column, SWEEP, label) for label in VARIANTS}
    parts = [shown, paper, _relevance(runs), captions.missing(study, column, SWEEP, rows)]
    return "\n\n".join(part for part in parts if part)


def _relevance(runs: dict[str, Record]) -> str:
    """The same over the whole test set, as far as the runs have measured it."""
    lines = []
    for label, run in runs.items():
        found = [measured(run, "lexicon", metric) for metric in RELEVANT]
        if all(found):
            video, text = (f"{each.value:.0f} %" for each in found)
            lines.append(f"- {label}: {video} of a clip's words, {text} of a caption's")
    head = "**Here**, over the whole test set, words of the clip's captions among the ten:"
    return "\n".join([head, "", *lines]) if lines else ""


def _columns(study: Study) -> list[str]:
    found = [column for column in study.columns if clips(study, column)]
    if not found:
        raise captions.nothing(study, "Figure 5", SWEEP)
    return found


def _runs(study: Study, column: str) -> dict[str, Record]:
    """Label -> the run with the lowest seed that has recorded words."""
    found = {
        label: next((run for run in study.runs(column, SWEEP, label) if _examples(run)), None)
        for label in VARIANTS
    }
    return {label: run for label, run in found.items() if run}


def _examples(run: Record) -> list[dict]:
    report = run.directory.result().get("lexicon", {})
    return report.get(place(run), {}).get("examples", [])


if __name__ == "__main__":
    sys.exit(main())
