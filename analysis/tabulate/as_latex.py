"""Tables as LaTeX, for a document that uses the packages booktabs and graphicx."""

from itertools import groupby

from analysis.tabulate.table import BEST, SECOND, Row, Section, Shown, Table
from analysis.tabulate.text import PLUS_MINUS, cell

AROUND = {BEST: r"\textbf{%s}", SECOND: r"\underline{%s}"}
SIDES = {"higher": r"\,$\uparrow$", "lower": r"\,$\downarrow$"}
SHRUNK = r"\resizebox{\ifdim\width>\linewidth\linewidth\else\width\fi}{!}{%"
"""Tables that are wider than the page are made as wide."""
SPECIAL = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedbl{}",
    PLUS_MINUS: r"$\pm$",
    **{sign: f"\\{sign}" for sign in "&%$#_{}"},
}


def as_latex(table: Table) -> str:
    """A floating table with its footnotes; how to read it and what is missing are comments."""
    lines = [
        r"% needs \usepackage{booktabs,graphicx}",
        r"\begin{table*}[t]",
        rf"\centering{_size(table)}\setlength{{\tabcolsep}}{{3pt}}",
        rf"\caption{{{escaped(_caption(table))}}}",
        rf"\label{{tab:{table.stem.replace('_', '-')}}}",
        SHRUNK,
        rf"\begin{{tabular}}{{{'l' * len(table.heads)}{'r' * len(table.columns)}}}",
        r"\toprule",
        *_head(table),
        *(line for section in table.sections for line in _section(section, table)),
        r"\bottomrule",
        r"\end{tabular}}",
        *_below(table),
        r"\end{table*}",
        *(f"% {remark.replace(PLUS_MINUS, '+-')}" for remark in table.remarks),
        *(f"% {each.what}: {each.command}" for each in table.missing),
    ]
    return "\n".join(lines) + "\n"


def escaped(text: str) -> str:
    """Text that LaTeX prints as it is."""
    return "".join(SPECIAL.get(sign, sign) for sign in text)


def _caption(table: Table) -> str:
    """LaTeX numbers its tables itself."""
    return table.title if table.number is None else f"{table.title}; {table.name} of the paper"


def _size(table: Table) -> str:
    """Long tables are to fit onto a page."""
    lines = sum(1 + len(section.rows) for section in table.sections)
    return r"\scriptsize" if lines > 40 else r"\small"


def _head(table: Table) -> list[str]:
    groups = [(title, len(list(found))) for title, found in groupby(c.group for c in table.columns)]
    spans, rules, start = [""] * len(table.heads), [], len(table.heads) + 1
    for title, width in groups:
        spans.append(rf"\multicolumn{{{width}}}{{c}}{{{escaped(title)}}}")
        rules.append(rf"\cmidrule(lr){{{start}-{start + width - 1}}}")
        start += width
    names = [escaped(name) for name in (*table.heads, *(c.metric for c in table.columns))]
    return [_joined(spans), "".join(rules), _joined(names)]


def _section(section: Section, table: Table) -> list[str]:
    width = len(table.heads) + len(table.columns)
    name = rf"\emph{{{escaped(section.title)}}}{_marks(section.marks)}"
    title = [rf"\multicolumn{{{width}}}{{l}}{{{name}}} \\"] if section.title else []
    return [r"\midrule", *title, *(_row(row) for row in section.rows)]


def _row(row: Row) -> str:
    name, *others = map(escaped, row.texts)
    return _joined([f"{name}{_marks(row.marks)}", *others, *(_cell(shown) for shown in row.shown)])


def _cell(shown: Shown) -> str:
    if not shown.status:
        return ""
    text = "--" if shown.mean is None else escaped(cell(shown.mean, shown.std))
    text = AROUND[shown.rank] % text if shown.rank else text
    told = rf"\,{{\tiny ({escaped(shown.told)})}}" if shown.told else ""
    return text + SIDES.get(shown.side, told)


def _below(table: Table) -> list[str]:
    notes = [f"{_marks((number,))}{escaped(note)}" for number, note in enumerate(table.notes, 1)]
    return [rf"\par\smallskip\footnotesize\raggedright {' '.join(notes)}"] if notes else []


def _marks(numbers: tuple[int, ...]) -> str:
    return rf"\textsuperscript{{{','.join(map(str, numbers))}}}" if numbers else ""


def _joined(cells: list[str]) -> str:
    return " & ".join(cells) + r" \\"
