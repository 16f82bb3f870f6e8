"""Corpora on disk.

  python experiments/data.py check msrvtt --root data      what is there, what is missing or wrong
  python experiments/data.py prepare msrvtt --root data --out prepared      a copy that loads fast

`python experiments/data.py COMMAND --help` says more.
"""

import sys
from collections.abc import Callable
from pathlib import Path

if not __package__:  # started as a script: import from the repository, not from this folder
    sys.path[0] = str(Path(__file__).resolve().parents[1])

from experiments import data_check, data_prepare
from experiments.options import Parser, name_of

COMMANDS: dict[str, Callable[[list[str]], int]] = {
    "check": data_check.main,
    "prepare": data_prepare.main,
}
"""What runs a command with the rest of the line, and returns the exit code."""


def main(argv: list[str] | None = None) -> int:
    """The command's exit code; 2 with one line for what is no command."""
    given = sys.argv[1:] if argv is None else argv
    parser = Parser(prog="data.py", description=__doc__)
    parser.add_argument("command", type=name_of("command", COMMANDS), metavar="COMMAND")
    options = parser.parse_args(given[:1])
    return COMMANDS[options.command](given[1:])


if __name__ == "__main__":
    sys.exit(main())
