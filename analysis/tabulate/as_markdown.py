"""Tables as Markdown."""

from analysis.tabulate.table import BEST, SECOND, Column, Row, Section, Shown, Table, without_idle
from analysis.tabulate.text import cell, markdown

AROUND = {BEST: "**{}**", SECOND: "<u>{}</u>"}


def as_markdown(table: Table) -> str:
    """A heading, the table, and what stands below it."""
    table = without_idle(table)
    header = [*table.heads, *(heading(column) for column in table.columns)]
    lines = [line for section in table.sections for line in _lines(section, len(header))]
    below = [*_notes(table), *table.remarks, *_missing(table)]
    parts = [f"### {titled(table)}", markdown(header, lines).strip(), *below]
    return "\n\n".join(parts) + "\n"


def titled(table: Table) -> str:
    """Its title after the paper's number, if it has one."""
    return table.title if table.number is None else f"{table.name}: {table.title}"


def heading(column: Column) -> str:
    """Group and metric in one."""
    return f"{column.group} {column.metric}".strip()


def _lines(section: Section, width: int) -> list[list[str]]:
    rows = [_line(row) for row in section.rows]
    if not section.title:
        return rows
    return [[f"**{section.title}**{_marks(section.marks)}", *[""] * (width - 1)], *rows]


def _line(row: Row) -> list[str]:
    name, *others = map(_escaped, row.texts)
    return [f"{name}{_marks(row.marks)}", *others, *(_cell(shown) for shown in row.shown)]


def _cell(shown: Shown) -> str:
    if not shown.status:
        return ""
    text = AROUND.get(shown.rank, "{}").format(cell(shown.mean, shown.std))
    return f"{text} ({shown.told})" if shown.told else text


def _marks(numbers: tuple[int, ...]) -> str:
    return "".join(f" [{number}]" for number in numbers)


def _notes(table: Table) -> list[str]:
    return [f"[{number}] {note}" for number, note in enumerate(table.notes, 1)]


def _missing(table: Table) -> list[str]:
    lines = [f"- {each.what}: `{each.command}`" for each in table.missing]
    return ["Missing, and what would produce it:\n\n" + "\n".join(lines)] if lines else []


def _escaped(text: str) -> str:
    return text.replace("|", "\\|")
