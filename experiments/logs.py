"""Where a run's output goes: its own `log.txt`."""

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FORMAT = logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s")


def redirect(path: Path) -> None:
    """From now on all output of this process, C libraries included, is appended to `path`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    sys.stdout.flush()
    sys.stderr.flush()
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(handle, 1)
    os.dup2(handle, 2)
    os.close(handle)


@contextmanager
def redirected(path: Path) -> Iterator[None]:
    """As `redirect`, while this lasts."""
    before = {stream: os.dup(stream.fileno()) for stream in (sys.stdout, sys.stderr)}
    redirect(path)
    try:
        yield
    finally:
        for stream, handle in before.items():
            stream.flush()
            os.dup2(handle, stream.fileno())
            os.close(handle)


@contextmanager
def copied(path: Path) -> Iterator[None]:
    """Log messages go to `path` as well, while this lasts."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handler = logging.FileHandler(path)
    handler.setFormatter(FORMAT)
    logging.getLogger().addHandler(handler)
    try:
        yield
    finally:
        logging.getLogger().removeHandler(handler)
        handler.close()


def to_stderr() -> None:
    """Show log messages from INFO on."""
    handler = logging.StreamHandler()
    handler.setFormatter(FORMAT)
    logging.basicConfig(level=logging.INFO, handlers=[handler])
