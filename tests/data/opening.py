"""A process that opens clips again and again and prints how far its memory rose meanwhile."""

import os
import sys
from pathlib import Path

from unify.data.decoding import UnreadableClip, read_video


def main(decoder: str, warm_up: int, opens: int, paths: list[Path]) -> None:
    """Print by how many MiB it rose from the first opens to the end of the others."""
    for number in range(warm_up + opens):
        if number == warm_up:
            before = resident()
        try:
            read_video(paths[number % len(paths)], lambda n: [0, n // 3, n // 2, n - 1], decoder)
        except UnreadableClip:
            continue
    print(resident() - before)


def resident() -> float:
    """The process's resident memory in MiB (Linux)."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / (1 << 20)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), [Path(name) for name in sys.argv[4:]])
