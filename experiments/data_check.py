"""Is a corpus on disk what was published? Look, and say so in one line.

  python experiments/data.py check msrvtt --root data
  python experiments/data.py check msvd --root data --split test --decode all
  python experiments/data.py check webvid2m --root data --decode 200 --lost dead.tsv

Per split: clips found, listed and published, then what is wrong. Clips that are missing, empty or
undecodable are listed in a file, which goes once there are none. Exit code 0: whole; 1: not; 2:
there is nothing to check.
"""

import sys
from argparse import ArgumentTypeError, Namespace
from contextlib import closing
from functools import partial
from pathlib import Path

from experiments.machine import cores
from experiments.options import Parser, name_of, natural
from experiments.text import columns
from unify.config.corpora import CORPORA, find_split
from unify.data.decoding import why_unreadable
from unify.data.doctor import Diagnosis, diagnose
from unify.data.example import Clip
from unify.data.pool import run_all
from unify.files import write_atomically
from unify.reasons import reason

HEADER = ("split", "found", "listed", "published", "captions", "published", "state")


def main(argv: list[str] | None = None) -> int:
    """0 where the corpus is whole, 1 where it is not, 2 with one line where none is there."""
    options = _parse(argv)
    try:
        return _check(options)
    except (ValueError, OSError) as error:
        print(f"data.py check: {reason(error)}", file=sys.stderr)
        return 2


def _parse(argv: list[str] | None) -> Namespace:
    parser = Parser(prog="data.py check", description=__doc__)
    parser.add_argument("corpus", type=name_of("corpus", CORPORA), metavar="CORPUS")
    parser.add_argument(
        "--root", type=Path, required=True, metavar="DIR", help="folder that holds the corpora"
    )
    parser.add_argument(
        "--split", nargs="+", metavar="SPLIT", help="these splits alone; all must be there"
    )
    parser.add_argument(
        "--decode",
        type=_how_many,
        default=0,
        metavar="N",
        help="decode N clips of each split, evenly spread, or `all` (default: none)",
    )
    parser.add_argument(
        "--lost", type=Path, metavar="FILE", help="list of unusable clips (CORPUS-lost.tsv)"
    )
    return parser.parse_args(argv)


def _how_many(text: str) -> int | None:
    if text == "all":
        return None
    try:
        return natural(text)
    except ArgumentTypeError as error:
        raise ArgumentTypeError(f"{error}, or `all`") from None


def _check(options: Namespace) -> int:
    corpus, folder = options.corpus, options.root / CORPORA[options.corpus].folder
    if not folder.is_dir():
        layout = CORPORA[corpus].layout
        raise ValueError(f"{folder} is missing: {corpus} is expected there as {layout}")
    found = [_diagnose(options, split) for split in _splits(options)]
    if all(one.absent for one in found):
        raise ValueError(next(line for one in found for line in [*one.problems, *one.notes]))
    print(columns(HEADER, [_row(one) for one in found]))
    for one in found:
        for line in [*one.problems, *one.notes]:
            print(f"{one.split}: {' '.join(line.split())}")
    print(_verdict(corpus, found, _write_lost(options, found)))
    return 1 if any(one.problems for one in found) else 0


def _splits(options: Namespace) -> list[str]:
    """Those asked for or, without that, all but second names."""
    for split in options.split or ():
        find_split(options.corpus, split)
    splits = CORPORA[options.corpus].splits
    return options.split or [name for name in splits if splits[name].alias_of is None]


def _diagnose(options: Namespace, split: str) -> Diagnosis:
    return diagnose(
        options.corpus,
        split,
        options.root,
        required=bool(options.split) or not find_split(options.corpus, split).optional,
        decode=options.decode,
        check=None if options.decode == 0 else partial(_decode, split),
    )


def _decode(split: str, clips: list[Clip]) -> dict[Clip, str]:
    """Why each clip cannot be decoded, by all cores; on a terminal, count."""
    why: dict[Clip, str] = {}
    with closing(run_all(why_unreadable, clips, max(1, min(cores(), len(clips))))) as results:
        for clip, found in results:
            why[clip] = "its decoder crashes" if found is None else found
            if sys.stderr.isatty():
                print(f"\r{split}: {len(why)} clips tried", end="", file=sys.stderr, flush=True)
    return why


def _row(one: Diagnosis) -> list[str]:
    if one.coverage is None:
        return [one.split, *["-"] * 5, "not here" if one.absent else "unreadable"]
    there = one.coverage
    numbers = (
        (there.found, there.listed, there.expected),
        (there.listed_captions or None, there.expected_captions),
    )
    cells = ["-" if value is None else str(value) for group in numbers for value in group]
    return [one.split, *cells, "not whole" if one.problems else "whole"]


def _write_lost(options: Namespace, found: list[Diagnosis]) -> Path | None:
    """Where the unusable clips were listed; None where there are none."""
    lost = [(one.split, clip.why, str(clip.place)) for one in found for clip in one.lost]
    path = options.lost or Path(f"{options.corpus}-lost.tsv")
    if not lost:
        if _is_list_of_lost(path, options.corpus):
            path.unlink()
        return None
    write_atomically(path, "".join("\t".join(row) + "\n" for row in lost))
    return path


def _is_list_of_lost(path: Path, corpus: str) -> bool:
    """Whether a file was written by an earlier check of this corpus: split, why and place a row."""
    try:
        rows = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()]
    except (OSError, UnicodeDecodeError):
        return False
    splits = CORPORA[corpus].splits
    return bool(rows) and all(len(row) == 3 and row[0] in splits for row in rows)


def _verdict(corpus: str, found: list[Diagnosis], lost: Path | None) -> str:
    here = [one.split for one in found if not one.absent]
    wrong = [f"{one.split}: {' '.join(one.problems[0].split())}" for one in found if one.problems]
    more = sum(len(one.problems) for one in found) - 1
    said = f"{corpus}: whole: {', '.join(here)}"
    if wrong:
        said = f"{corpus}: NOT whole: {wrong[0]}" + (f" (and {more} more)" if more else "")
    said += _shares(corpus, found)
    return f"{said}; unusable clips are listed in {lost}" if lost else said


def _shares(corpus: str, found: list[Diagnosis]) -> str:
    """Of a corpus whose urls die, how much of each split there is."""
    if not CORPORA[corpus].decays:
        return ""
    shares = [f"{100 * one.coverage.share:.1f} % of {one.split}" for one in found if one.coverage]
    return f"; there is {', '.join(shares)}" if shares else ""
