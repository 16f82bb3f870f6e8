"""Figure 4: two queries, and the first clips that either representation retrieves for them.

  python analysis/figure4.py
  python analysis/figure4.py --runs runs --out figures

Writes figures/figure4.png, .pdf, .csv and .md, and figure4_paper.png, .pdf and .csv where runs of
the paper's preset are there.
"""

import sys
from dataclasses import dataclass
from pathlib import Path

import pandas

if not __package__:  # started as a script: import from the repository, not from this folder
    sys.path[0] = str(Path(__file__).resolve().parents[1])

from analysis import command
from analysis.draw import captions
from analysis.results import Record
from analysis.store.samples import SHOWN, Query, Samples, read_samples
from analysis.study import Study
from analysis.tabulate.text import plain
from unify.files import write_atomically

NAME = "figure4"
TITLE = "Figure 4: what either representation retrieves"
CONTRASTS = ("lexicon", "latent")
"""One query is shown for each: where that branch ranks the right clip best against the other."""


@dataclass(frozen=True, kw_only=True)
class Shown:
    """The queries that are drawn, and the run that they are of."""

    run: Record
    samples: Samples
    queries: list[Query]


def main(argv: list[str] | None = None) -> int:
    """0, 2 where nothing can be drawn."""
    return command.main(f"{NAME}.py", __doc__, write, argv)


def write(study: Study, out: Path) -> list[Path]:
    """Draw each column that has queries into `out`/figures; the paths written.

    Raises:
        AnalysisError: where no run has such queries, or a picture is damaged.
        RecordError: where `samples.json` is damaged.
    """
    folder = out / "figures"
    pictures = [path for column in _columns(study) for path in _write(study, column, folder)]
    return [*pictures, captions.write_caption(folder, NAME, TITLE, caption(study), pictures)]


def caption(study: Study) -> str:
    """What is shown, of which run, beside what the paper says; Markdown."""
    return "\n\n".join(_caption(study, column) for column in _columns(study))


def shown(study: Study, column: str) -> Shown | None:
    """The queries of the default run with the lowest seed that has any; None where none has."""
    for run in study.runs(column, *SHOWN):
        samples = read_samples(run.directory)
        found = [q for name in CONTRASTS for q in _chosen(samples, name)] if samples else []
        if found:
            return Shown(run=run, samples=samples, queries=found)
    return None


def _chosen(samples: Samples, contrast: str) -> list[Query]:
    """The first query of this contrast, where there is one."""
    return [query for query in samples.queries if query.chosen == contrast][:1]


def _write(study: Study, column: str, folder: Path) -> list[Path]:
    from analysis.draw.drawing import save  # matplotlib: only where something is drawn
    from analysis.draw.retrieved import draw

    found = shown(study, column)
    stem = folder / captions.figure(NAME, column)
    path = stem.with_suffix(".csv")
    write_atomically(path, _table(found.queries).to_csv(index=False, float_format="%.4f"))
    return [*save(draw(found.run.directory, found.queries), stem), path]


def _table(queries: list[Query]) -> pandas.DataFrame:
    rows = [
        {
            "query": query.caption,
            "chosen": query.chosen,
            "representation": part,
            "rank": query.ranks[part],
            "place": place,
            "clip": key,
            "similarity": similarity,
            "right": key == query.key,
            "words": " ".join(f"{word}:{share:.2f}" for word, share in query.words.get(key, [])),
        }
        for query in queries
        for part in query.retrieved
        for place, (key, similarity) in enumerate(query.retrieved[part], 1)
    ]
    return pandas.DataFrame(rows)


def _caption(study: Study, column: str) -> str:
    found = shown(study, column)
    missing = [name for name in CONTRASTS if name not in {q.chosen for q in found.queries}]
    parts = [
        f"Queries of {found.samples.place}, default run, preset {column}, seed {found.run.seed}: "
        "those where one branch ranks the right clip best against the other, as the run has "
        'recorded them. "Rank" is that of the right clip (framed) among all; below the lexicon\'s '
        "clips, the words that make up most of the similarity, with their shares of it.",
        "**The paper** shows a query that a single object decides (the lexicon finds it) and a "
        "longer one with complex content (the latent representation finds it).",
        "\n".join(["**Here**:", "", *(_query(query) for query in found.queries)]),
        f"No query was recorded that the {missing[0]} branch ranks better." if missing else "",
    ]
    return "\n\n".join(part for part in parts if part)


def _query(query: Query) -> str:
    ranks = ", ".join(f"{part} {rank:g}" for part, rank in query.ranks.items())
    return f'- "{plain(query.caption)}" ({query.chosen} does better): ranks {ranks}'


def _columns(study: Study) -> list[str]:
    found = [column for column in study.columns if shown(study, column)]
    if not found:
        raise captions.nothing(study, "Figure 4 (with samples.json)", *SHOWN)
    return found


if __name__ == "__main__":
    sys.exit(main())
