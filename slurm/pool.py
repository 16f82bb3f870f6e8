"""Tasks with dependencies on one machine: at most so many at once, whatever happens to one."""

import time
from collections.abc import Callable, Iterable, Sequence
from typing import Literal

from slurm.task import Executor, Job, Slot, Task

Status = Literal["waiting", "running", "done", "failed", "blocked"]

POLL_SECONDS = 0.1
GRACE_SECONDS = 10.0
"""Time between asking jobs to end and killing them."""


def _never(task: Task) -> bool:
    return False


class Pool:
    """Runs each task once what it needs is done, in the given order, one per free slot.

    finished: whether a task's work is there, whoever did it: only then it counts as done (exit
        codes lie). Without it a job that ends without error is done.
    held: whether somebody else is at that work: the task waits.
    """

    def __init__(
        self,
        tasks: Iterable[Task],
        *,
        executor: Executor,
        slots: Sequence[Slot],
        finished: Callable[[Task], bool] | None = None,
        held: Callable[[Task], bool] = _never,
    ) -> None:
        self._tasks = {task.key: task for task in tasks}
        self._executor = executor
        self._free = list(slots)
        self._finished = finished
        self._held = held
        self._jobs: dict[str, tuple[Job, Slot]] = {}
        self.status: dict[str, Status] = dict.fromkeys(self._tasks, "waiting")
        self.errors: dict[str, str] = {}

    @property
    def active(self) -> bool:
        """Whether anything runs or can still start."""
        return any(status in ("waiting", "running") for status in self.status.values())

    def run(self, tick: Callable[["Pool"], None] = lambda pool: None) -> None:
        """Run all tasks to their end; `tick` is called several times a second.

        On KeyboardInterrupt (or any other exception) the running jobs are stopped first.
        """
        try:
            while self.active:
                self.step()
                tick(self)
                time.sleep(POLL_SECONDS if self.active else 0)
        finally:
            self.stop()

    def step(self) -> None:
        """Take in what has ended, start what can start."""
        self._collect()
        for task in self._tasks.values():
            if self.status[task.key] == "waiting":
                self._consider(task)

    def stop(self) -> None:
        """End the running jobs: ask, wait, kill; they count as waiting again."""
        jobs = [job for job, _ in self._jobs.values()]
        for job in jobs:
            job.stop()
        try:
            _wait(jobs)
        finally:  # also when Ctrl-C comes again
            for job in jobs:
                job.kill()
        for key in self._jobs:
            self.status[key] = "waiting"
        self._jobs.clear()

    def _collect(self) -> None:
        ended = {key: entry for key, entry in self._jobs.items() if entry[0].done()}
        for key, (job, slot) in ended.items():
            del self._jobs[key]
            self._free.append(slot)
            self._judge(self._tasks[key], job)

    def _judge(self, task: Task, job: Job) -> None:
        error = job.error()
        done = self._finished(task) if self._finished else error is None
        if done:
            self.status[task.key] = "done"
        elif self._held(task):
            self.status[task.key] = "waiting"
        else:
            self._fail(task, error or "ended without error, but its work is not there")

    def _consider(self, task: Task) -> None:
        needs = {self.status.get(key, "done") for key in task.needs}
        if self._finished and self._finished(task):
            self.status[task.key] = "done"
        elif needs & {"failed", "blocked"}:
            self.status[task.key] = "blocked"
        elif needs <= {"done"} and self._free and not self._held(task):
            self._start(task)

    def _start(self, task: Task) -> None:
        slot = self._free.pop(0)
        self.status[task.key] = "running"
        try:
            self._jobs[task.key] = (self._executor(task, slot), slot)
        except OSError as error:
            self._free.append(slot)
            self._fail(task, f"cannot start: {error}")

    def _fail(self, task: Task, error: str) -> None:
        self.status[task.key] = "failed"
        self.errors[task.key] = error


def _wait(jobs: Sequence[Job]) -> None:
    limit = time.monotonic() + GRACE_SECONDS
    while time.monotonic() < limit and not all(job.done() for job in jobs):
        time.sleep(POLL_SECONDS)
