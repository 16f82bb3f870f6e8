"""What processes are given to do in tests; light, as each of them imports it."""

import os
import signal


def end_at_seven(number: int) -> int:
    """The square, but a 7 ends the process as a crash does."""
    if number == 7:
        os.kill(os.getpid(), signal.SIGKILL)
    return number * number


def fail_at(limit: int, number: int) -> int:
    """The number, but an error at the limit."""
    if number == limit:
        raise ValueError(f"no room for {number}")
    return number
