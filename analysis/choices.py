"""What the paper leaves open, tried out: a table for each such sweep of the registry.

  python analysis/choices.py
  python analysis/choices.py --runs runs --out somewhere

Nothing is published to compare with. Prints Markdown; --out DIR writes DIR/tables/choices.*, too.
"""

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from statistics import mean, stdev

if not __package__:  # started as a script: import from the repository, not from this folder
    sys.path[0] = str(Path(__file__).resolve().parents[1])

from analysis import command
from analysis.coverage import shortfall
from analysis.measured import RECALLS, REPRESENTATIONS, measured, place
from analysis.results import Record
from analysis.study import Study
from analysis.tabulate import formats
from analysis.tabulate.table import (
    INCOMPLETE,
    MEASURED,
    NOT_RUN,
    Column,
    Missing,
    Row,
    Section,
    Shown,
    Table,
    ranked,
)
from analysis.tabulate.text import PLUS_MINUS
from experiments.registry import SWEEPS
from experiments.variants import Sweep, Variant, fusion
from unify.config import group
from unify.files import write_atomically

WORDS = {"video_active": "per clip", "video_relevant": "relevant (%)"}
"""What a run records of a clip's lexicon representation -> column."""
READING = (
    f"Mean {PLUS_MINUS} sample standard deviation over seeds; bold is best and underlined second "
    "best, whatever the spread. Words: how many a clip uses, and how many of its ten strongest are "
    "in its captions."
)


def tables(study: Study) -> list[Table]:
    """One per sweep that tries a choice and preset with runs of it; its rows with dashes, for the
    last preset, where there is none."""
    sweeps = [sweep for sweep in SWEEPS.values() if sweep.choice]
    return [_table(study, sweep, preset) for sweep in sweeps for preset in _presets(study, sweep)]


def write(study: Study, out: Path) -> list[Path]:
    """All of them into a file per format, in `out/tables`; the paths written."""
    made = tables(study)
    texts = {
        "md": "\n".join(map(formats.markdown, made)),
        "tex": "\n".join(map(formats.latex, made)),
        "csv": formats.csv(_together(made)),
    }
    paths = [out / "tables" / f"choices.{ending}" for ending in texts]
    for path, text in zip(paths, texts.values(), strict=True):
        write_atomically(path, text)
    return paths


def main(argv: list[str] | None = None) -> int:
    """0, or 2 with one line when the runs cannot be read."""
    options = command.parser("choices.py", __doc__).parse_args(argv)

    def answer() -> int:
        study = command.study(options)
        for path in write(study, options.out) if options.out else ():
            print(f"wrote {path}", file=sys.stderr)
        print("\n".join(map(formats.markdown, tables(study))), end="")
        return 0

    return command.guarded("choices.py", answer)


def _presets(study: Study, sweep: Sweep) -> list[str]:
    """The study's columns with runs of a row, or the last one."""
    columns = list(study.columns)
    found = [
        column
        for column in columns
        if any(study.runs(column, sweep.name, v.label) for v in _variants(study, sweep, column))
    ]
    return found or columns[-1:]


def _variants(study: Study, sweep: Sweep, preset: str) -> list[Variant]:
    return study.variants(preset, sweep.name)


def _table(study: Study, sweep: Sweep, preset: str) -> Table:
    variants = _variants(study, sweep, preset)
    columns = tuple(_columns())
    rows = (_row(study, sweep, preset, variant, columns) for variant in variants)
    return Table(
        name=f"{sweep.name}_{preset}",
        number=None,
        title=f"{sweep.title} ({sweep.name}, preset {preset})",
        heads=("variant", "what differs", "seeds"),
        columns=columns,
        sections=(Section(title="", rows=ranked(columns, rows)),),
        remarks=(f"The paper: {sweep.paper}. {READING}",),
        missing=tuple(_missing(study, sweep, preset, variants)),
    )


def _together(made: list[Table]) -> Table:
    """All rows in one table, a part per sweep and preset."""
    sections = [replace(section, title=each.name) for each in made for section in each.sections]
    return replace(made[0], sections=tuple(sections))


def _columns() -> Iterator[Column]:
    for part in REPRESENTATIONS:
        for metric in RECALLS:
            yield Column(source=part, group=part, metric=metric, pool=part)
    yield Column(source="video_active", group="words", metric=WORDS["video_active"])
    relevant = WORDS["video_relevant"]
    yield Column(source="video_relevant", group="words", metric=relevant, pool="words")


def _row(
    study: Study, sweep: Sweep, preset: str, variant: Variant, columns: tuple[Column, ...]
) -> Row:
    base = study.columns[preset]
    is_default = group(variant.config) in (group(base), group(fusion(base)))
    records = study.runs(preset, sweep.name, variant.label)
    parts = dict.fromkeys(shortfall(record, [place(record)]) for record in records)
    return Row(
        texts=(
            f"{variant.label} (default)" if is_default else variant.label,
            variant.about,
            str(len(records)),
        ),
        shown=tuple(_shown(records, column, "; ".join(filter(None, parts))) for column in columns),
    )


def _shown(records: list[Record], column: Column, coverage: str) -> Shown:
    found = [value for record in records if (value := _value(record, column)) is not None]
    run = INCOMPLETE if coverage else MEASURED
    return Shown(
        mean=mean(found) if found else None,
        std=stdev(found) if len(found) > 1 else None,
        seeds=len(found),
        status=run if found else NOT_RUN,
        coverage=coverage if found else "",
    )


def _value(record: Record, column: Column) -> float | None:
    if column.source == "video_active":
        report = record.directory.result().get("lexicon", {})
        return report.get(place(record), {}).get(column.source)
    metric = column.source if column.source in WORDS else column.metric
    found = measured(record, column.source, metric)
    return found and found.value


def _missing(study: Study, sweep: Sweep, preset: str, variants: list[Variant]) -> Iterator[Missing]:
    lacking = [v.label for v in variants if not study.runs(preset, sweep.name, v.label)]
    if lacking:
        named = lacking if len(lacking) < len(variants) else ()
        what = f"{preset}: {', '.join(lacking)}"
        yield Missing(what=what, command=study.command(preset, sweep.name, named))


if __name__ == "__main__":
    sys.exit(main())
