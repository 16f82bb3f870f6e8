"""Files that are either whole or absent."""

import hashlib
import json
import os
import re
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

DRAFT = re.compile(r"\..+\.(\d+)\.draft")
"""Names of files that are being written: hidden, with the machine and the process of the writer."""
LONGEST_NAME = 255
"""Bytes of a file's name, on nearly every file system."""
DRAFT_LIVES = 24 * 60 * 60
"""Seconds after which nobody writes to a draft any more; before now too: clocks are set back."""


@contextmanager
def naming(path: Path, draft: Path | None = None) -> Iterator[None]:
    """Let an OSError that names no file, as one of a full disk does, or the draft of this one,
    name this one."""
    try:
        yield
    except OSError as error:
        if error.errno is None or error.filename not in (None, str(draft)):
            raise
        raise OSError(error.errno, error.strerror, str(path)) from error


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
        with naming(path, draft):
            with draft.open("wb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            os.replace(draft, path)
    except BaseException:
        with suppress(OSError):
            draft.unlink()
        raise
    sync_folder(path.parent)


def remove_dead_drafts(folder: Path) -> None:
    """Delete, at any depth, drafts of processes that ended on this machine or a day ago."""
    for place, _, names in os.walk(folder):
        for draft in (Path(place, name) for name in names if DRAFT.fullmatch(name)):
            with suppress(OSError):  # another user's, or whole by now
                if _is_dead(draft):
                    draft.unlink()


def _draft_of(path: Path) -> Path:
    return path.with_name(f".{path.name}{_writer(os.getpid())}")


def _writer(process: int) -> str:
    """How the names of a process's drafts end."""
    return f".{socket.gethostname()}.{process}.draft"


def _is_dead(draft: Path) -> bool:
    process = int(DRAFT.fullmatch(draft.name)[1])
    if draft.name.endswith(_writer(process)) and not _lives(process):
        return True
    return abs(time.time() - draft.stat().st_mtime) > DRAFT_LIVES


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # another user's
        pass
    return True


def preview_name(key: str) -> str:
    """The file of a clip's preview, by the clip's key; by its hash where no file can have it."""
    name = f"{key.replace('/', '_')}.webp"
    if "\0" in name or len(name.encode()) > LONGEST_NAME:
        return f"{hashlib.sha256(key.encode()).hexdigest()}.webp"
    return name


def write_json(path: Path, value: Any) -> None:
    """`value` as an indented JSON file, atomically."""
    write_atomically(path, json.dumps(value, indent=1) + "\n")


def create_json(path: Path, value: Any) -> bool:
    """As `write_json` where there is no file yet; False where there is one.

    Of several processes that try at once, on whatever hosts, one succeeds. A reader may find the
    file empty for an instant.
    """
    content = json.dumps(value, indent=1) + "\n"
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        file = path.open("x", encoding="utf-8")
    except FileExistsError:
        return False
    try:
        with naming(path), file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)
    return True


def read_json(path: Path) -> Any:
    """The file's value, or None where there is no file; ValueError where it is no JSON."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (ValueError, RecursionError) as error:
        why = "nested too deeply" if isinstance(error, RecursionError) else error
        why = why if path.stat().st_size else "empty"
        raise ValueError(f"{path} is damaged ({why}); delete it and run the sweep again") from error


def sync_folder(folder: Path) -> None:
    """Let what was created or renamed in a folder outlast a power failure."""
    sync_file(folder)


def sync_file(path: Path) -> None:
    """Let what was written to a file outlast a power failure."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
