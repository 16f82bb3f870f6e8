"""Write one HTML page with every table, figure and claim, and what the default run retrieves.

  python analysis/report.py
  python analysis/report.py --runs runs --out /tmp

The page, report.html, holds all its pictures: it opens from disk and needs no network.
"""

import sys
from pathlib import Path

if not __package__:  # started as a script: import from the repository, not from this folder
    sys.path[0] = str(Path(__file__).resolve().parents[1])

from analysis import command
from analysis.study import Study
from unify.files import write_atomically

NAME = "report.html"


def main(argv: list[str] | None = None) -> int:
    """0, or 2 where nothing can be made."""
    parser = command.parser("report.py", __doc__)
    options = parser.parse_args(argv)
    out = options.out or command.folder(options.runs, options.preset, dict(options.changes))
    return command.guarded("report.py", lambda: _say(write(command.study(options), out)))


def write(study: Study, out: Path) -> list[Path]:
    """Write the report into `out`; its path.

    Raises:
        AnalysisError: where no row of the registry has a finished run.
    """
    from analysis.pages.report_html import (
        html,  # jinja2 and matplotlib: only where something is written
    )

    path = out / NAME
    write_atomically(path, html(study))
    return [path]


def _say(paths: list[Path]) -> int:
    for path in paths:
        print(f"wrote {path} ({path.stat().st_size / 1e6:.1f} MB)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
