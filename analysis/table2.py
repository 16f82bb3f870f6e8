"""Table 2: text-to-video retrieval on DiDeMo, LSMDC and MSVD, zero-shot and fine-tuned.

python analysis/table2.py
python analysis/table2.py --runs runs --format latex
"""

import sys
from pathlib import Path

if not __package__:  # started as a script: import from the repository, not from this folder
    sys.path[0] = str(Path(__file__).resolve().parents[1])

from analysis.paper.published import PublishedRow
from analysis.study import Study
from analysis.tabulate import formats, table_command
from analysis.tabulate.paper_table import Layout, build
from analysis.tabulate.table import Table


def _protocol(row: PublishedRow) -> str:
    """The paper does not say which it uses; ours is named."""
    return f" (ours: {row.protocol})" if row.protocol else ""


LAYOUT = Layout(
    number=2,
    title="Text-to-video retrieval on DiDeMo, LSMDC and MSVD",
    section=lambda row: f"{row.dataset}, {row.setting}" + _protocol(row),
    texts={"Method": lambda row: row.method},
)


def table(study: Study) -> Table:
    """The paper's numbers beside those of the study."""
    return build(study, LAYOUT)


def write(study: Study, out: Path) -> list[Path]:
    """The table in three formats, into `out/tables`."""
    return formats.write(table(study), out)


def main(argv: list[str] | None = None) -> int:
    """0; with --check 1 where a cell differs, 2 where one is missing; 2 on wrong options."""
    return table_command.main("table2.py", __doc__, table, argv)


if __name__ == "__main__":
    sys.exit(main())
