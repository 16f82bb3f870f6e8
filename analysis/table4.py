"""Table 4: what sharing a stem and self-distillation give.

python analysis/table4.py
python analysis/table4.py --runs runs --format latex
"""

import sys
from pathlib import Path

if not __package__:  # started as a script: import from the repository, not from this folder
    sys.path[0] = str(Path(__file__).resolve().parents[1])

from analysis.study import Study
from analysis.tabulate import formats, table_command
from analysis.tabulate.paper_table import Layout, build
from analysis.tabulate.table import Table

LAYOUT = Layout(
    number=4,
    title="What sharing a stem and self-distillation give, zero-shot on MSR-VTT",
    section=lambda row: row.method,
    texts={"Line": lambda row: row.name},
)


def table(study: Study) -> Table:
    """The paper's numbers beside those of the study."""
    return build(study, LAYOUT)


def write(study: Study, out: Path) -> list[Path]:
    """The table in three formats, into `out/tables`."""
    return formats.write(table(study), out)


def main(argv: list[str] | None = None) -> int:
    """0; with --check 1 where a cell differs, 2 where one is missing; 2 on wrong options."""
    return table_command.main("table4.py", __doc__, table, argv)


if __name__ == "__main__":
    sys.exit(main())
