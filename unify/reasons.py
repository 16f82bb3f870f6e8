"""Errors in one line; where a file is the matter, which one and what to do."""

import errno
import os

ADVICE = {
    errno.ENOSPC: "free space there and run the same command again",
    errno.EDQUOT: "free space there and run the same command again",
    errno.EIO: "its disk or network fails; see to it and run the same command again",
    errno.ESTALE: "its disk or network fails; see to it and run the same command again",
    errno.EROFS: "make it writable, or name another folder",
}
OTHERWISE = "name a folder that can be read and written"


def reason(error: BaseException) -> str:
    """What went wrong, without line breaks."""
    if isinstance(error, OSError) and error.strerror:
        name = error.filename
        place = f"{os.fsdecode(name) if isinstance(name, bytes) else name}: " if name else ""
        if place or error.errno in ADVICE:
            return f"{place}{error.strerror}; {ADVICE.get(error.errno, OTHERWISE)}"
    return " ".join(str(error).split())
