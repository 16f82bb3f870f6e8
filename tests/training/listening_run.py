"""Does a run until it is finished or asked to stop: python listening_run.py RUN_DIR."""

import sys

from unify.interruption import Interrupted, listening
from unify.records import RunDirectory
from unify.runs.runner import run

if __name__ == "__main__":
    directory = RunDirectory(sys.argv[1])
    with listening(), directory.claim() as claim:
        try:
            run(directory, claim)
        except Interrupted as stop:
            claim.end("preempted", str(stop))
