"""Table 1: text-to-video retrieval on MSR-VTT, zero-shot and fine-tuned.

python analysis/table1.py
python analysis/table1.py --runs runs --format latex
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
    number=1,
    title="Text-to-video retrieval on MSR-VTT (1k-A)",
    section=lambda row: row.setting,
    texts={
        "Method": lambda row: row.method,
        "Year": lambda row: row.year,
        "Video input": lambda row: row.video_input,
        "Pre-trained on": lambda row: row.pretrain_data,
        "Pairs": lambda row: row.pairs,
    },
)


def table(study: Study) -> Table:
    """The paper's numbers beside those of the study."""
    return build(study, LAYOUT)


def write(study: Study, out: Path) -> list[Path]:
    """The table in three formats, into `out/tables`."""
    return formats.write(table(study), out)


def main(argv: list[str] | None = None) -> int:
    """0; with --check 1 where a cell differs, 2 where one is missing; 2 on wrong options."""
    return table_command.main("table1.py", __doc__, table, argv)


if __name__ == "__main__":
    sys.exit(main())
