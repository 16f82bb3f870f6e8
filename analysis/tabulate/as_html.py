"""Tables as HTML, for a page that brings its own style.

Classes: `number` cells also have their status (`published`, `matches`, `differs`, `incomplete`,
`not-run`, `miniature`); a part's title is in a row `part`; the table is in a `div` `scroll`, which
may be narrower than it; what stands below is in a `div` `below`.
"""

from html import escape
from itertools import groupby

from analysis.tabulate.as_markdown import titled
from analysis.tabulate.table import BEST, SECOND, Row, Section, Shown, Table, without_idle
from analysis.tabulate.text import cell

AROUND = {BEST: "<b>{}</b>", SECOND: "<u>{}</u>"}


def as_html(table: Table) -> str:
    """The table, and what stands below it."""
    table = without_idle(table)
    lines = [
        f'<div class="scroll" role="region" tabindex="0" aria-label="{escape(titled(table))}">',
        '<table class="results">',
        *_head(table),
        *(line for section in table.sections for line in _section(section, table)),
        "</table>",
        "</div>",
        *_below(table),
    ]
    return "\n".join(lines) + "\n"


def _head(table: Table) -> list[str]:
    names = (f'<th scope="col" rowspan="2">{escape(name)}</th>' for name in table.heads)
    groups = ((title, len(list(found))) for title, found in groupby(c.group for c in table.columns))
    spans = (
        f'<th scope="colgroup" class="group" colspan="{width}">{escape(title)}</th>'
        for title, width in groups
    )
    metrics = (f'<th scope="col" class="number">{escape(c.metric)}</th>' for c in table.columns)
    lines = (f"<tr>{''.join(cells)}</tr>" for cells in ([*names, *spans], metrics))
    return ["<thead>", *lines, "</thead>"]


def _section(section: Section, table: Table) -> list[str]:
    width = len(table.heads) + len(table.columns)
    name = f"{escape(section.title)}{_marks(section.marks)}"
    title = f'<tr class="part"><th scope="rowgroup" colspan="{width}">{name}</th></tr>'
    rows = [_row(row) for row in section.rows]
    return ["<tbody>", *([title] if section.title else []), *rows, "</tbody>"]


def _row(row: Row) -> str:
    name, *others = map(escape, row.texts)
    cells = [f'<th scope="row">{name}{_marks(row.marks)}</th>']
    cells += [f"<td>{text}</td>" for text in others]
    return f"<tr>{''.join([*cells, *map(_cell, row.shown)])}</tr>"


def _cell(shown: Shown) -> str:
    if not shown.status:
        return "<td></td>"
    number = "&ndash;" if shown.mean is None else escape(cell(shown.mean, shown.std))
    text = AROUND.get(shown.rank, "{}").format(number)
    text += f" <small>{escape(shown.told)}</small>" if shown.told else ""
    return f'<td class="number {shown.status.replace(" ", "-")}">{text}</td>'


def _below(table: Table) -> list[str]:
    notes = "".join(f"<li>{escape(note)}</li>" for note in table.notes)
    remarks = [f"<p>{escape(remark)}</p>" for remark in table.remarks]
    return [
        '<div class="below">',
        *([f'<ol class="notes">{notes}</ol>'] if notes else []),
        *remarks,
        *_missing(table),
        "</div>",
    ]


def _missing(table: Table) -> list[str]:
    items = [
        f"<li>{escape(each.what)}: <code>{escape(each.command)}</code></li>"
        for each in table.missing
    ]
    if not items:
        return []
    summary = "<summary>Missing, and what would produce it</summary>"
    return [f'<details class="missing">{summary}<ul>{"".join(items)}</ul></details>']


def _marks(numbers: tuple[int, ...]) -> str:
    return f"<sup>{','.join(map(str, numbers))}</sup>" if numbers else ""
