"""Jobs in processes of their own, whatever becomes of one of these."""

import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from threading import Thread
from typing import TypeVar

from unify.interruption import obey_parent, shielded

JobKind = TypeVar("JobKind")
Result = TypeVar("Result")

AHEAD = 2
"""Jobs handed out per process, so that none waits."""


def run_all(
    work: Callable[[JobKind], Result], jobs: Iterable[JobKind], workers: int
) -> Iterator[tuple[JobKind, Result | None]]:
    """Each job with its result, as they end; None for a job that kills its process.

    When a process dies, the jobs in hand are tried again one by one. What `work` raises is raised
    here once the jobs in hand are done. Where the iteration is given up or interrupted, the
    processes end at once.
    """
    waiting = deque(jobs)
    while waiting:
        suspects = yield from _together(work, waiting, workers)
        for job in suspects:
            if (yield from _together(work, deque([job]), 1)):
                yield job, None


def _together(
    work: Callable[[JobKind], Result], waiting: deque[JobKind], workers: int
) -> Generator[tuple[JobKind, Result], None, list[JobKind]]:
    """Work off the jobs; where a process dies, return those in hand, else none."""
    running: dict[Future, JobKind] = {}
    others = set(multiprocessing.active_children())
    context = multiprocessing.get_context("spawn")
    with shielded():  # its locks start a process
        pool = ProcessPoolExecutor(workers, mp_context=context, initializer=_begin)
    with pool:
        try:
            while waiting or running:
                while waiting and len(running) < AHEAD * workers:
                    with shielded():  # this may start a process
                        future = pool.submit(work, waiting[0])  # where it fails, the job waits
                    running[future] = waiting.popleft()
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    result = future.result()
                    yield running.pop(future), result
            return []
        except BrokenProcessPool:
            return list(running.values())
        except Exception:
            pool.shutdown(cancel_futures=True)
            raise
        except BaseException:
            for process in set(multiprocessing.active_children()) - others:
                process.terminate()
            raise


def _begin() -> None:
    """A process leaves interrupts to its parent and ends with it, however that ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    obey_parent()
    Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    multiprocessing.parent_process().join()
    os._exit(1)
