"""One process per run directory: an exclusive lock that ends with its holder."""

import fcntl
import json
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from unify.files import naming

ATTEMPTS = 5
PAUSE = 0.05
"""Seconds between attempts: somebody who only looks holds the lock for an instant."""


@contextmanager
def lock(path: Path) -> Iterator[bool]:
    """Hold the lock at `path`, creating it; yields False at once where another process has it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+") as file:
        taken = any(_take(file, attempt) for attempt in range(ATTEMPTS))
        if taken:
            with naming(path):
                file.truncate(0)
                file.write(json.dumps({"pid": os.getpid(), "host": socket.gethostname()}))
                file.flush()
        yield taken


def is_locked(path: Path) -> bool:
    """Whether a living process holds the lock; False where nobody can tell."""
    try:
        with path.open() as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def holder(path: Path) -> str:
    """Who took the lock last, in words."""
    try:
        owner = json.loads(path.read_text())
        return f"process {owner['pid']} on {owner['host']}"
    except (OSError, ValueError, KeyError, TypeError):
        return "another process"


def _take(file: IO[str], attempt: int) -> bool:
    time.sleep(PAUSE if attempt else 0)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
