"""UCF101: `classInd.txt` and `testlist0<k>.txt`, clips at `UCF-101/<class>/<name>`.

A line of a test list is `<class>/<name>`, without a label: the folder is the class.
"""

from pathlib import Path

from unify.data.corpora.files import read_lines, read_list
from unify.data.corpora.split import ActionSplit, find_actions

SPLITS = "ucfTrainTestlist"


def read(split: str, kit: Path) -> ActionSplit:
    """The test clips of a split; raises ValueError where the files do not fit."""
    classes = _classes(kit / SPLITS / "classInd.txt")
    labels = {name: label for label, name in enumerate(classes)}
    table = kit / SPLITS / f"testlist0{split.removeprefix('test_')}.txt"
    clips = []
    for row in read_list(table):
        name, _, clip = row.partition("/")
        if name not in labels:
            raise ValueError(f"{table}: {row} is of no class in classInd.txt")
        clips.append((clip, labels[name]))
    return find_actions(kit, clips, classes, table, ("UCF-101", "videos", "."))


def _classes(path: Path) -> tuple[str, ...]:
    """Names in the order of their numbers, which rise from 1."""
    rows = [line.split() for line in read_lines(path) if line.strip()]
    for place, row in enumerate(rows, start=1):
        if len(row) != 2 or row[0] != str(place):
            raise ValueError(f"{path}: line {place} is not {place} and a class's name")
    return tuple(name for _, name in rows)
