"""Where a run's output goes: its own `log.txt`."""

import logging
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from copy import copy
from pathlib import Path

PATTERN = "%(asctime)s %(levelname)s %(name)s: %(message)s"
FORMAT = logging.Formatter(PATTERN)


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
    handler = _LogFile(path)
    handler.setFormatter(FORMAT)
    logging.getLogger().addHandler(handler)
    try:
        yield
    finally:
        logging.getLogger().removeHandler(handler)
        handler.close()


def to_stderr(*, tracebacks: bool = True) -> None:
    """Show log messages from INFO on; tracebacks too, where stderr is the log itself."""
    logging.raiseExceptions = False  # where stderr is a file on a full disk, nobody could read it
    handler = logging.StreamHandler()
    handler.setFormatter(FORMAT if tracebacks else _Brief(PATTERN))
    threading.excepthook = _log_thread
    logging.basicConfig(level=logging.INFO, handlers=[handler])


def _log_thread(failed: threading.ExceptHookArgs) -> None:
    """In place of a traceback on stderr: TensorBoard's thread hands its error on as well."""
    error = (failed.exc_type, failed.exc_value, failed.exc_traceback)
    logging.getLogger(__name__).error("%s failed", failed.thread.name, exc_info=error)


class _Brief(logging.Formatter):
    """Without tracebacks."""

    def format(self, record: logging.LogRecord) -> str:
        """One line, as far as the message is one."""
        line = copy(record)
        line.exc_info = line.exc_text = None
        return super().format(line)


class _LogFile(logging.FileHandler):
    """What cannot be written is missing in the file alone; the first time, stderr says so."""

    _complained = False

    def handleError(self, record: logging.LogRecord) -> None:
        """Called by `logging` within the handling of the error."""
        if not self._complained:
            self._complained = True
            why = getattr(sys.exc_info()[1], "strerror", None) or "it cannot be written"
            with suppress(OSError):
                print(f"{self.baseFilename}: {why}; log messages are lost", file=sys.stderr)

    def close(self) -> None:
        """As in logging; what a full disk does not take is lost."""
        with suppress(OSError):
            super().close()
