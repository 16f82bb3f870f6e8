"""The page in Markdown."""

from collections.abc import Mapping
from itertools import groupby
from os.path import relpath
from pathlib import Path

from analysis import claims
from analysis.pages.page import Figure, Page
from analysis.pages.reading import NEEDS, facts, reading
from analysis.tabulate import formats
from analysis.tabulate.text import markdown

DASH = "-"


def text(page: Page, out: Path) -> str:
    """The whole page, with links relative to the folder `out`."""
    sections = _joined(
        _head(page),
        _summary(page),
        _tables(page),
        _figures(page, out),
        _claims(page),
        _choices(page),
        _missing(page),
        _provenance(page),
    )
    return sections + "\n"


def _head(page: Page) -> str:
    found = facts(page, "reproduce")
    lines = [f"- {name}: {_code(name, value)}" for name, value in found.items()]
    return _joined(
        "<!-- Written by a command, see below; changes by hand are lost. -->",
        "# Results beside the paper's",
        "Every table, figure and claim of UNIFY "
        "([Liu et al., LREC-COLING 2024](https://arxiv.org/abs/2402.16769)) that the finished runs "
        "allow.",
        "\n".join(lines),
    )


def _summary(page: Page) -> str:
    columns = list(page.study.columns)
    cells = {column: page.cells(column) for column in columns}
    outcomes = {column: page.outcomes(column) for column in columns}
    return _joined(
        "## Summary",
        _counts("cells of the tables", cells),
        _counts("claims", outcomes),
        *reading(page),
    )


def _counts(what: str, found: dict[str, dict[str, int]]) -> str:
    names = list(dict.fromkeys(name for counts in found.values() for name in counts))
    rows = [
        [column, *(str(counts.get(name, DASH)) for name in names)]
        for column, counts in found.items()
    ]
    return markdown([what, *names], rows)


def _tables(page: Page) -> str:
    return _joined("## Tables", *(formats.markdown(table) for table in page.tables))


def _figures(page: Page, out: Path) -> str:
    return _joined("## Figures", *(_figure(figure, out) for figure in page.figures))


def _figure(figure: Figure, out: Path) -> str:
    if figure.problem:
        return f"### {figure.title}\n\nNot drawn: {figure.problem}"
    pictures = [f"![{figure.title}]({relpath(path, out)})" for path in figure.kind("png")]
    return _joined(f"### {figure.title}", *pictures, figure.caption)


def _claims(page: Page) -> str:
    return _joined("## Claims", claims.markdown(page.study))


def _choices(page: Page) -> str:
    about = "What the paper leaves open, tried out; it has no numbers to compare with."
    return _joined("## Open choices", about, *(formats.markdown(t) for t in page.choices))


def _missing(page: Page) -> str:
    parts = ["## What is missing"]
    if not page.missing:
        parts.append("Nothing: every row of the registry has a finished run.")
    for column, found in groupby(page.missing, key=lambda each: each.column):
        rows = [[each.sweep, each.text, f"`{each.command}`"] for each in found]
        about = [needs] if (needs := NEEDS.get(column)) else []
        table = markdown(["sweep", "without a run", "command"], rows)
        parts += [f"### Preset {column}", *about, table]
    parts += _listed("### Runs that failed", page.failures)
    parts += _listed("### Damaged results, left out", page.damaged)
    return _joined(*parts)


def _provenance(page: Page) -> str:
    about = (
        "Finished runs behind these pages, warm starts first. A plus behind a commit: the checkout "
        "had changes. Minutes are of runs that may have shared a machine."
    )
    rows = [
        [
            run.name,
            DASH if run.seed is None else str(run.seed),
            f"`{run.signature}`",
            run.commit or DASH,
            run.machine or DASH,
            DASH if run.minutes is None else f"{run.minutes:.1f}",
        ]
        for run in page.runs
    ]
    header = ["run", "seed", "signature", "commit", "machine", "minutes"]
    return _joined("## Provenance", about, markdown(header, rows))


def _joined(*parts: str) -> str:
    return "\n\n".join(part.strip() for part in parts)


def _listed(title: str, found: Mapping[str, str]) -> list[str]:
    lines = [f"- `{name}`: {why}" for name, why in found.items()]
    return [title, "\n".join(lines)] if lines else []


def _code(name: str, value: str) -> str:
    return f"`{value}`" if name in ("Command", "Records") else value
