"""Files that are either whole or absent."""

import json
import os
import re
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

DRAFT = ".draft"
"""How names of files end that are being written; they are hidden."""
DRAFT_LIVES = 24 * 60 * 60
"""Seconds after which nobody writes to a draft any more."""


def write_atomically(path: Path, content: str | bytes) -> None:
    """Write a file at once: a reader sees the old one or the new one, never a part."""
    with opened_atomically(path) as file:
        file.write(content.encode("utf-8") if isinstance(content, str) else content)


@contextmanager
def opened_atomically(path: Path) -> Iterator[IO[bytes]]:
    """A file to write beside `path`; at the end synced and renamed, after an error deleted."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = _draft_of(path)
    try:
        with draft.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def remove_dead_drafts(folder: Path) -> None:
    """Delete, at any depth, drafts of processes that ended on this machine or a day ago."""
    for place, _, names in os.walk(folder):
        drafts = [Path(place, name) for name in names if name[0] == "." and name.endswith(DRAFT)]
        for draft in filter(_is_dead, drafts):
            draft.unlink(missing_ok=True)


def _draft_of(path: Path) -> Path:
    """Where this process writes what is to become `path`."""
    return path.with_name(f".{path.name}.{socket.gethostname()}.{os.getpid()}{DRAFT}")


def _is_dead(draft: Path) -> bool:
    host = re.escape(socket.gethostname())
    if found := re.fullmatch(rf"\..+\.{host}\.(\d+){re.escape(DRAFT)}", draft.name):
        try:
            os.kill(int(found[1]), 0)
        except ProcessLookupError:
            return True
        except PermissionError:  # another user's
            pass
    try:
        return time.time() - draft.stat().st_mtime > DRAFT_LIVES
    except FileNotFoundError:  # whole by now
        return False


def write_json(path: Path, value: Any) -> None:
    """`value` as an indented JSON file, atomically."""
    write_atomically(path, json.dumps(value, indent=1) + "\n")


def read_json(path: Path) -> Any:
    """The file's value, or None where there is no file; ValueError where it is no JSON."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except ValueError as error:
        raise ValueError(
            f"{path} is damaged ({error}); delete it and run the sweep again"
        ) from error


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
