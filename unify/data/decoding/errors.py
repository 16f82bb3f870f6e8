"""What is raised for a clip that cannot be decoded."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class UnreadableClip(ValueError):
    """A clip or image that cannot be decoded."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(path, why)
        self.path = path
        self.why = why

    def __str__(self) -> str:
        return (
            f"{self.path} cannot be decoded: {self.why}; download it again and run the same "
            "command, which goes on from the last checkpoint, or set data.max_unreadable_share "
            "above 0 to have such clips replaced, in a run of its own"
        )


@contextmanager
def telling(path: Path, place: Path) -> Iterator[None]:
    """Turn whatever a file's decoder raises into UnreadableClip; `place` is what users call it."""
    if not path.is_file():
        raise UnreadableClip(place, "there is no such file")
    if not path.stat().st_size:
        raise UnreadableClip(place, "the file is empty")
    try:
        yield
    # Decoders raise what they like, from OSError to their own types; all mean the same here.
    except Exception as error:
        raise UnreadableClip(place, _in_short(error)) from error


def _in_short(error: Exception) -> str:
    text = getattr(error, "strerror", None) or str(error).strip()
    first = text.splitlines()[0] if text else type(error).__name__
    return re.sub(r"^\[[\d:]+\] \S+:\d+: ", "", first)  # where in decord's source it was raised
