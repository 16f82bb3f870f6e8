"""A small disk of a trial's own, which a ballast file fills."""

import os
import shutil
import subprocess
from pathlib import Path

from reliability.namespace import why_not

BALLAST = ".ballast"


class NotTried(Exception):
    """A fault that cannot be tried on this machine; says why."""


class Disk:
    """A tmpfs in place of a folder, with what is in it; NotTried where nothing can be mounted."""

    def __init__(self, folder: Path, size: int) -> None:
        """`size` in bytes."""
        if reason := why_not():
            raise NotTried(reason)
        self.folder = folder
        self._aside = folder.with_name(f"{folder.name}.aside")
        folder.mkdir(parents=True, exist_ok=True)
        folder.rename(self._aside)
        folder.mkdir()
        _mount("-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder)
        shutil.copytree(self._aside, folder, dirs_exist_ok=True)
        shutil.rmtree(self._aside)

    def leave(self, size: int) -> None:
        """Fill it until no more than so many bytes are free."""
        free = os.statvfs(self.folder).f_bavail * os.statvfs(self.folder).f_frsize
        with (self.folder / BALLAST).open("ab") as ballast:
            if free > size:
                os.posix_fallocate(ballast.fileno(), ballast.tell(), free - size)

    def empty(self) -> None:
        """Remove the ballast."""
        (self.folder / BALLAST).unlink(missing_ok=True)

    def forbid_writing(self) -> None:
        """From now on nothing can be opened for writing; what is open stays so."""
        _mount("--bind", self.folder, self.folder)
        _mount("-o", "remount,bind,ro", self.folder)

    def allow_writing(self) -> None:
        """Undo `forbid_writing`."""
        _unmount(self.folder)

    def close(self) -> None:
        """Put its content where it was mounted."""
        while os.path.ismount(self.folder):
            if not self._aside.exists():
                shutil.copytree(self.folder, self._aside)
            _unmount(self.folder)
        if self._aside.exists():
            self.folder.rmdir()
            self._aside.rename(self.folder)


def _mount(*words: object) -> None:
    subprocess.run(["mount", *map(str, words)], check=True, capture_output=True)


def _unmount(folder: Path) -> None:
    subprocess.run(["umount", "--lazy", str(folder)], check=True, capture_output=True)
