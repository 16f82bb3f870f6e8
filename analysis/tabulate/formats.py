"""What a table can be printed as, and the files it is written to."""

from pathlib import Path

from analysis.tabulate.as_csv import as_csv as csv
from analysis.tabulate.as_csv import as_tidy as tidy
from analysis.tabulate.as_html import as_html as html
from analysis.tabulate.as_latex import as_latex as latex
from analysis.tabulate.as_markdown import as_markdown as markdown
from analysis.tabulate.table import Table
from unify.files import write_atomically

FORMATS = {"md": markdown, "latex": latex, "csv": csv, "tidy": tidy, "html": html}
FILES = {"md": markdown, "tex": latex, "csv": csv}
"""Ending of a file's name -> what is in it."""


def write(table: Table, out: Path) -> list[Path]:
    """The table into `out/tables`, once per format of `FILES`; the paths written."""
    paths = [out / "tables" / f"{table.stem}.{ending}" for ending in FILES]
    for path, text in zip(paths, FILES.values(), strict=True):
        write_atomically(path, text(table))
    return paths
