"""What decoders read from, and how callers say which frames they want."""

import io
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import BinaryIO

from unify.data.example import Member

Source = Path | io.BytesIO
"""A file, or the bytes of one."""

Choose = Callable[[int], list[int]]
"""From a clip's number of frames to the frames wanted, in any order, repeats allowed."""


def part(path: Path, member: Member) -> io.BytesIO:
    """The bytes of a file within a tar file."""
    with path.open("rb") as file:
        file.seek(member.start)
        content = file.read(member.size)
    if len(content) < member.size:
        raise ValueError("the tar file is cut short")
    return io.BytesIO(content)


def named(source: Source) -> str | io.BytesIO:
    """As decoders take it: a file's name, or bytes from their start."""
    if isinstance(source, Path):
        return str(source)
    source.seek(0)
    return source


def bytes_of(source: Source) -> AbstractContextManager[BinaryIO]:
    """Its bytes, to read; what was opened for that is closed behind."""
    return source.open("rb") if isinstance(source, Path) else nullcontext(source)
