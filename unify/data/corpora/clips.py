"""Clips by name: each folder is listed once, however many clips are looked for in it."""

import errno
import os
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

VIDEOS = {
    *("mp4", "m4v", "mov", "avi", "mkv", "webm", "mpg", "mpeg", "mpe", "m2v", "wmv", "asf", "flv"),
    *("3gp", "3g2", "mts", "m2ts", "ts", "vob", "ogv", "divx", "f4v", "mxf", "mjpeg"),
    "tar",
}
"""Extensions of clips; a `.tar` holds its frames as images."""
IMAGES = {"jpg", "jpeg", "jpe", "jfif", "png", "webp", "gif", "bmp", "tif", "tiff", "avif"}


def has_kind(name: str, is_image: bool) -> bool:
    """Whether a name's last extension is an image's, or a video's."""
    return name.rpartition(".")[2].lower() in (IMAGES if is_image else VIDEOS)


class ClipFinder:
    """Finds clips, or images, below a folder, with the extension that they have there."""

    def __init__(self, root: Path, *, is_image: bool = False) -> None:
        self.root = root
        self._is_image = is_image
        self._folders: dict[str, _Folder] = {}

    def find(self, candidates: Sequence[str]) -> tuple[Path, bool]:
        """The first candidate that is there and True; where none is, the first one and False.

        Candidates are relative to the root. `a.mov` is also found as `a.mp4`, `a.mov.mp4`, `a` or
        `a.`, but not as `a.jpg`, which is no video.
        """
        for candidate in candidates:
            page, _, name = candidate.rpartition("/")
            folder = self._folders.get(page)
            if folder is None:
                folder = self._folders[page] = _Folder(self.root / page, self._is_image)
            if found := folder.match(name):
                return folder.path / found, True
        return self.root / candidates[0], False


class _Folder:
    def __init__(self, path: Path, is_image: bool) -> None:
        self.path = path
        self._is_image = is_image
        self.names = listing(path)

    def match(self, wanted: str) -> str | None:
        if wanted in self.names:
            return wanted
        stem = stem_of(wanted)
        bare = (name for name in (stem, f"{stem}.") if name in self.names)
        return self._by_stem.get(stem) or self._by_stem.get(wanted) or next(bare, None)

    @cached_property
    def _by_stem(self) -> dict[str, str]:
        """Name by stem of all files of the kind; of several names mp4 is preferred, then the first
        of the alphabet."""
        found: dict[str, str] = {}
        for name in self.names:
            stem = stem_of(name)
            if has_kind(name, self._is_image):
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
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:  # so there is none
            return set()
        raise


def check_inside(name: str, source: Path) -> None:
    """ValueError for a name, relative to a corpus's folder, that leads out of it or is none.

    Links within the folder may lead anywhere: they are its owner's.
    """
    if name.startswith("/") or ".." in name.split("/") or not _can_name(name):
        raise ValueError(
            f"{source}: {name!r:.80} is no clip's name within the corpus's folder; take its row "
            "out, or download the file again"
        )


def _can_name(name: str) -> bool:
    """Whether there can be such a file: NUL is in no name, nor is half a character."""
    try:
        return b"\0" not in os.fsencode(name)
    except UnicodeEncodeError:
        return False


def stem_of(name: str) -> str:
    """The name without its extension; clip ids of LSMDC hold dots, so only the last one counts."""
    return name.rpartition(".")[0] or name


def _preference(name: str) -> tuple[bool, str]:
    return not name.lower().endswith(".mp4"), name
