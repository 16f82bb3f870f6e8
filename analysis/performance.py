"""The performance tables, from the records that the benchmarks leave.

  python analysis/performance.py
  python analysis/performance.py --records FOLDER
  python analysis/performance.py --write README.md

Prints them as Markdown; --write puts them into a file in place of what is between its two markers.
"""

import sys
from pathlib import Path

if not __package__:  # started as a script: import from the repository, not from this folder
    sys.path[0] = str(Path(__file__).resolve().parents[1])

from analysis.command import guarded
from analysis.errors import AnalysisError
from analysis.speed.records import Record, read_records
from analysis.speed.text import page
from experiments.options import Parser
from unify.files import write_atomically

RECORDS = Path(__file__).parent / "benchmarks"
FIRST = "<!-- performance: made by python analysis/performance.py --write README.md -->"
LAST = "<!-- /performance -->"


def main(argv: list[str] | None = None) -> int:
    """0, or 2 with one line where records cannot be read or the file has no place for them."""
    parser = Parser(prog="performance.py", description=__doc__)
    parser.add_argument(
        "--records", type=Path, default=RECORDS, metavar="DIR", help="default: the committed ones"
    )
    parser.add_argument("--write", type=Path, metavar="FILE", help="a file with the two markers")
    options = parser.parse_args(argv)
    return guarded("performance.py", lambda: _act(read_records(options.records), options.write))


def replaced(text: str, records: list[Record]) -> str:
    """A text with the tables between its markers.

    Raises:
        AnalysisError: where it does not have both markers, once each and in order.
    """
    before, first, rest = text.partition(FIRST)
    _, last, after = rest.partition(LAST)
    if not (first and last) or FIRST in rest or LAST in before + after:
        raise AnalysisError(f"there is no place for the tables; put {FIRST} and {LAST} there")
    return f"{before}{FIRST}\n\n{page(records)}\n{LAST}{after}"


def _act(records: list[Record], target: Path | None) -> int:
    if target is None:
        print(page(records), end="")
        return 0
    write_atomically(target, replaced(target.read_text(encoding="utf-8"), records))
    print(f"wrote {target}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
