"""The folder that a corpus is prepared in: what it was begun with, and the corpus's lists."""

import os
import shutil
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path

from unify.data.miniature.manifest import NAME as WORLD
from unify.data.prepare.formats import StorageFormat
from unify.data.storage import LEDGER, in_words
from unify.files import opened_atomically, read_json, remove_dead_drafts, write_json

EDITION = 1
"""Raised when the same settings make other files."""
MEDIA = {
    *("mp4", "avi", "mov", "mkv", "webm", "mpg", "mpeg", "m4v", "3gp", "3g2", "wmv", "flv", "ogv"),
    *("m2ts", "mts", "ts", "vob", "jpg", "jpeg", "png", "gif", "webp", "bmp", "wav", "mp3", "m4a"),
    *("tar", "zip", "gz", "tgz", "rar", "7z"),
}
"""Extensions of files that no reader takes captions from."""
LISTS = {"json", "jsonl", "txt", "csv", "tsv", "pkl", "toml"}
"""Extensions of those that are looked for among clips, too."""


def claim(kit: Path, copy: Path, form: StorageFormat) -> None:
    """Take `copy` for clips of this form: anew, or again with the settings of last time.

    What killed processes left half written there is deleted.

    Raises ValueError where it holds anything else, or lies within the original or around it.
    """
    real, other = kit.resolve(), copy.resolve()
    if other.is_relative_to(real) or real.is_relative_to(other):
        raise ValueError(f"{copy} lies in the original's place; name another folder with --out")
    now = {"edition": EDITION, "form": type(form).__name__, **asdict(form)}
    holds = copy.is_dir() and any(not path.name.startswith(".") for path in copy.iterdir())
    before = read_json(copy / LEDGER)  # looked at last: another share may have begun meanwhile
    if before is None:
        if holds:
            raise ValueError(
                f"{copy} holds files that were not prepared here; name another folder with --out"
            )
        write_json(copy / LEDGER, now)
    elif before != now:
        raise ValueError(
            f"{copy} was begun with {in_words(before)}, not {in_words(now)}; give the same "
            "options, name another folder with --out, or delete it"
        )
    remove_dead_drafts(copy)


def copy_lists(kit: Path, copy: Path, clips: Iterable[Path]) -> None:
    """Copy what readers read beside the clips: every file that is no clip and none's companion.

    Also the manifest of a miniature world, above the corpus's folder.
    """
    names, stems = set(), defaultdict(set)
    for clip in clips:
        names.add(clip)
        stems[clip.parent].add(clip.stem)
    stems.pop(kit, None)
    for path in _files(kit):
        if path not in names and _is_list(path, stems.get(path.parent)):
            _copy(path, copy / path.relative_to(kit))
    if (kit.parent / WORLD).is_file():
        _copy(kit.parent / WORLD, copy.parent / WORLD)


def _files(folder: Path) -> Iterator[Path]:
    for place, folders, names in os.walk(folder, followlinks=True):
        folders[:] = [name for name in folders if not name.startswith(".")]
        yield from (Path(place, name) for name in names if not name.startswith("."))


def _is_list(path: Path, clips: set[str] | None) -> bool:
    """Whether it may hold captions; `clips`: stems of its folder's clips, None where none are."""
    kind = path.suffix[1:].lower()
    if clips is None:
        return kind not in MEDIA
    return kind in LISTS and path.stem not in clips


def _copy(source: Path, target: Path) -> None:
    """Unless it is there: same size, same time of change."""
    if target.is_file() and _state(target) == _state(source):
        return
    with source.open("rb") as old, opened_atomically(target) as new:
        shutil.copyfileobj(old, new)
    shutil.copystat(source, target)


def _state(path: Path) -> tuple[int, int]:
    stat = path.stat()
    return stat.st_size, int(stat.st_mtime)
