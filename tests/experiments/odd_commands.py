"""A command that ends as it is told, for jobs to run."""

import os
import signal
import time

from slurm import inside, queue


def main(argv: list[str]) -> int:
    """`code N` though it is told to stop, `raise`, `kill` itself, or `cancel` its own job."""
    print("about to", *argv)
    match argv:
        case ["code", code]:
            os.kill(os.getpid(), signal.SIGUSR2)
            return int(code)
        case ["raise"]:
            raise RuntimeError("the disk is full")
        case ["kill"]:
            os.kill(os.getpid(), signal.SIGKILL)
        case ["cancel"]:
            queue.cancel([inside.job_id()])
    time.sleep(60)
    return 0
