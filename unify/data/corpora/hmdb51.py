"""HMDB51: `testTrainMulti_7030_splits/<class>_test_split<k>.txt`, clips at `videos/<class>/<name>`.

A line names a clip and its part: 1 train, 2 test, 0 unused in this split.
"""

from pathlib import Path

from unify.data.corpora.clips import listing
from unify.data.corpora.files import missing, read_lines
from unify.data.corpora.split import ActionSplit, find_actions

SPLITS = "testTrainMulti_7030_splits"
PARTS = ("0", "1", "2")
"""Unused, train, test."""
TEST = PARTS[2]


def read(split: str, kit: Path) -> ActionSplit:
    """The test clips of a split; raises ValueError where the files do not fit."""
    suffix = f"_{split.replace('_', '_split')}.txt"
    tables = sorted(name for name in listing(kit / SPLITS) if name.endswith(suffix))
    if not tables:
        raise missing(kit / SPLITS / f"<class>{suffix}")
    classes = tuple(name.removesuffix(suffix) for name in tables)
    clips = [
        (name, label) for label, table in enumerate(tables) for name in _tests(kit / SPLITS / table)
    ]
    return find_actions(kit, clips, classes, kit / SPLITS, ("videos", "hmdb51_org", "."))


def _tests(table: Path) -> list[str]:
    found = []
    for number, line in enumerate(read_lines(table), start=1):
        name, _, part = line.strip().rpartition(" ")
        if line.strip() and (not name or part not in PARTS):
            raise ValueError(f"{table}: line {number} is not a clip and 0, 1 or 2")
        if part == TEST:
            found.append(name)
    return found
