"""A process at a run, as if on a host of its own whose locks reach nobody.

  python holder.py FOLDER HOST BEAT_SECONDS LOST_SECONDS

Says "held" or "refused: WHY"; then writes a line to FOLDER/HOST.txt now and then until its claim is
lost ("lost") or a line comes in ("ended").
"""

import sys
import time
from pathlib import Path
from threading import Thread

from unify import attempts


def main() -> None:
    folder, host, *seconds = sys.argv[1:]
    attempts.BEAT_SECONDS, attempts.LOST_SECONDS = map(float, seconds)
    attempts.LOOK_SECONDS = attempts.BEAT_SECONDS / 2
    asked = Thread(target=sys.stdin.readline, daemon=True)
    asked.start()
    print("ready", flush=True)
    time.sleep(0.3 - time.time() % 0.3)  # all at once
    try:
        claim = attempts.Attempts(Path(folder)).claim(attempts.Holder(host=host))
    except attempts.Held as other:
        print(f"refused: {other}", flush=True)
        return
    with claim, Path(folder, f"{host}.txt").open("a") as file:
        print("held", flush=True)
        while asked.is_alive() and not claim.lost:
            print(time.time(), file=file, flush=True)
            time.sleep(0.01)
        print("lost" if claim.lost else "ended", flush=True)


if __name__ == "__main__":
    main()
