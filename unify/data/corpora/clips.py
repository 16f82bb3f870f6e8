"""Clips by name: each folder is listed once, however many clips are looked for in it."""

import os
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

SIDECARS = {
    *("json", "txt", "csv", "tsv", "srt", "vtt", "xml", "npy", "pkl"),
    *("wav", "mp3", "m4a", "part", "ytdl", "tmp"),
}
"""Extensions of files that lie beside clips under the same name."""


class ClipFinder:
    """Finds clips below a folder, with the extension that they have there."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._folders: dict[str, _Folder] = {}

    def find(self, candidates: Sequence[str]) -> tuple[Path, bool]:
        """The first candidate that is there and True; where none is, the first one and False.

        Candidates are relative to the root. `a.mov` is also found as `a.mp4`, `a` or `a.mov.mp4`.
        """
        for candidate in candidates:
            page, _, name = candidate.rpartition("/")
            folder = self._folders.get(page)
            if folder is None:
                folder = self._folders[page] = _Folder(self.root / page)
            if found := folder.match(name):
                return folder.path / found, True
        return self.root / candidates[0], False


class _Folder:
    def __init__(self, path: Path) -> None:
        self.path = path
        self.names = listing(path)

    def match(self, wanted: str) -> str | None:
        if wanted in self.names:
            return wanted
        return self._by_stem.get(stem_of(wanted)) or self._by_stem.get(wanted)

    @cached_property
    def _by_stem(self) -> dict[str, str]:
        """Name by stem; of several names mp4 is preferred, then the first of the alphabet."""
        found: dict[str, str] = {}
        for name in self.names:
            stem = stem_of(name)
            if name.rpartition(".")[2].lower() not in SIDECARS:
                other = found.get(stem)
                found[stem] = name if other is None else min(name, other, key=_preference)
        return found


def listing(folder: Path) -> set[str]:
    """Names of the files in a folder; empty where there is no folder."""
    try:
        with os.scandir(folder) as entries:
            return {e.name for e in entries if not e.is_dir(follow_symlinks=False)}
    except (FileNotFoundError, NotADirectoryError):
        return set()


def stem_of(name: str) -> str:
    """The name without its extension; clip ids of LSMDC hold dots, so only the last one counts."""
    return name.rpartition(".")[0] or name


def _preference(name: str) -> tuple[bool, str]:
    return not name.lower().endswith(".mp4"), name
