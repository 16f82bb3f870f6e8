"""The report as HTML: templates filled with a page; all that comes from records is escaped."""

import base64
import csv
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from analysis.judge import text as claim_text
from analysis.judge.claim import Verdict
from analysis.judge.statements import SECTIONS
from analysis.measured import RELEVANT
from analysis.pages import prose
from analysis.pages.gallery import SHOWN, Gallery, gallery
from analysis.pages.interval_bars import interval
from analysis.pages.page import Page, gather
from analysis.pages.reading import NEEDS, facts, reading, title
from analysis.study import Study
from analysis.tabulate import formats
from analysis.tabulate.as_markdown import titled

DASH = "\N{EN DASH}"


def html(study: Study) -> str:
    """The whole report."""
    with TemporaryDirectory() as folder:
        page = gather(study, Path(folder))
        return _environment().get_template("report.html").render(_content(page))


def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals |= {
        "dash": DASH,
        "claim_text": claim_text,
        "metrics": RELEVANT,
        "drawn": interval,
        "prose": prose.html,
        "inline": prose.inline,
        "picture": _picture,
        "rows_of": _rows,
        "title": title,
        "titled": titled,
        "html_table": lambda table: Markup(formats.html(table)),
    }
    return made


def _content(page: Page) -> dict[str, Any]:
    column = [*page.study.miniature, *page.study.columns][0]
    shown = gallery(page.study, column)
    return {
        "page": page,
        "reading": reading(page),
        "needs": NEEDS,
        "facts": facts(page, "report"),
        "sections": SECTIONS,
        "verdicts": _by_claim(page),
        "gallery": shown,
        "gallery_column": column,
        "gallery_command": page.study.command(column, *SHOWN),
        "pictures": shown.pictures if isinstance(shown, Gallery) else {},
    }


def _by_claim(page: Page) -> Mapping[str, list[Verdict]]:
    found: dict[str, list[Verdict]] = {}
    for verdict in page.verdicts:
        found.setdefault(verdict.claim.name, []).append(verdict)
    return found


def _picture(path: Path) -> str:
    """A PNG as a data URI."""
    return f"data:image/png;base64,{base64.b64encode(path.read_bytes()).decode()}"


def _rows(path: Path) -> list[list[str]]:
    """Header and rows of a CSV file."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))
