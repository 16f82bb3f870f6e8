"""Write every table and figure that the finished runs allow, and the page that holds them all.

  python analysis/reproduce.py
  python analysis/reproduce.py --check
  python analysis/reproduce.py --runs runs --set plan.epochs=5

Writes REPRODUCE.md, tables/, figures/, claims.md and claims.csv: of the committed records into
analysis/, of a folder of runs into its own folder reproduced/. --check writes nothing and exits 1
where what lies there is not what these runs give (the bytes of pictures are not compared).
"""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

if not __package__:  # started as a script: import from the repository, not from this folder
    sys.path[0] = str(Path(__file__).resolve().parents[1])

from analysis import command
from analysis.study import Study
from unify.files import write_atomically

PAGE = "REPRODUCE.md"
PICTURES = (".png", ".pdf")
"""What other versions of matplotlib draw in other bytes."""
FOLDERS = ("tables", "figures")
"""Folders that hold nothing but what is written here."""


def main(argv: list[str] | None = None) -> int:
    """0; 1 where --check finds something stale; 2 where nothing can be made."""
    parser = command.parser("reproduce.py", __doc__)
    parser.add_argument("--check", action="store_true", help="only say whether files are stale")
    options = parser.parse_args(argv)
    out = options.out or command.folder(options.runs, options.preset, dict(options.changes))

    def act() -> int:
        study = command.study(options)
        return _say_stale(study, out) if options.check else _say_written(study, out)

    return command.guarded("reproduce.py", act)


def write(study: Study, out: Path) -> list[Path]:
    """Write the page and its parts into `out`; the paths written, the page first.

    Raises:
        AnalysisError: where the study has no finished run.
    """
    from analysis.pages.page import (
        gather,  # matplotlib and all parts: only where something is written
    )
    from analysis.pages.page_text import text

    page = gather(study, out)
    write_atomically(out / PAGE, text(page, out))
    return [out / PAGE, *page.files]


def stale(study: Study, out: Path) -> list[str]:
    """Names of files in `out` that are not what `write` makes, that it lacks, or has in vain."""
    with TemporaryDirectory() as folder:
        fresh = {p.relative_to(folder) for p in write(study, Path(folder))}
        found = {p.relative_to(out) for name in FOLDERS for p in (out / name).glob("*")}
        names = [name for name in sorted(fresh | found) if not _same(name, Path(folder), out)]
    return [str(name) for name in names]


def _same(name: Path, fresh: Path, out: Path) -> bool:
    """Whether a file is there in both, with the same content unless it is a picture."""
    if not ((fresh / name).is_file() and (out / name).is_file()):
        return False
    is_picture = name.suffix in PICTURES
    return is_picture or (fresh / name).read_bytes() == (out / name).read_bytes()


def _say_written(study: Study, out: Path) -> int:
    page, *parts = write(study, out)
    print(f"wrote {page} and {len(parts)} files beside it")
    return 0


def _say_stale(study: Study, out: Path) -> int:
    names = stale(study, out)
    if names:
        others = f" and {len(names) - 1} more" if len(names) > 1 else ""
        print(f"{out}: {names[0]}{others} stale; the same command without --check writes them")
    return 1 if names else 0


if __name__ == "__main__":
    sys.exit(main())
