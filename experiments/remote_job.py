"""One of our commands in a job of a SLURM cluster: the job's side."""

import importlib
import signal
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

from experiments import logs
from slurm import inside, queue
from unify.files import write_json
from unify.interruption import SIGNALS

INTERRUPTED = 130


def execute(outcome: str, requeues: str, module: str, *arguments: str) -> None:
    """Call the `main` of a module and leave with its exit code, which is first written to
    `outcome`; the output goes to a log beside that.

    Up to `requeues` times the command sees SIGUSR2 (time limit, preemption) and SIGTERM as Ctrl-C,
    and its job goes back into the queue unless SLURM ends it. After that they say nothing: SLURM
    itself starts a preempted job again. 0 is for commands that start from the beginning.
    """
    path = Path(outcome)
    if path.exists():  # SLURM started the job again though it was through
        return
    if int(requeues) == 0:
        log_of(path).unlink(missing_ok=True)
    ctrl_c = _CtrlC(heard=inside.restarts() < int(requeues))
    with logs.redirected(log_of(path)):
        code = _call(module, arguments, ctrl_c)
        slurm_has_the_word = ctrl_c.came and _goes_back()
    if not slurm_has_the_word:
        write_json(path, {"code": code, "job": inside.job_id()})
    sys.exit(code)


def log_of(outcome: Path) -> Path:
    """Where the output of a command goes."""
    return outcome.with_suffix(".log")


class _CtrlC:
    """The first signal becomes KeyboardInterrupt; later ones, or unheard ones, say nothing."""

    def __init__(self, *, heard: bool) -> None:
        self.came = False
        self._set(self if heard else signal.SIG_IGN)
        signal.signal(signal.SIGCONT, signal.SIG_DFL)  # comes with SIGTERM; submitit remarks on it

    def __call__(self, number: int, frame: FrameType | None) -> None:
        self.came = True
        self.ignore()
        raise KeyboardInterrupt

    def ignore(self) -> None:
        """From now on nothing interrupts."""
        self._set(signal.SIG_IGN)

    def _set(self, action) -> None:
        for number in SIGNALS:
            signal.signal(number, action)


def _call(module: str, arguments: Sequence[str], ctrl_c: _CtrlC) -> int:
    try:
        code = _exit_code(module, arguments)
        ctrl_c.ignore()
    except KeyboardInterrupt:
        return INTERRUPTED
    return code


def _exit_code(module: str, arguments: Sequence[str]) -> int:
    try:
        return importlib.import_module(module).main(list(arguments))
    except SystemExit as end:  # of argparse
        return end.code if isinstance(end.code, int) else 1
    except Exception:
        traceback.print_exc()
        return 1


def _goes_back() -> bool:
    """Put the job back into the queue, unless SLURM ends it or does so itself already."""
    job = inside.job_id()
    try:
        if inside.state() == "RUNNING":
            queue.requeue(job)
            print(f"job {job} goes back into the queue", file=sys.stderr)
    except queue.SlurmError as error:
        print(f"job {job} cannot go back into the queue: {error}", file=sys.stderr)
        return False
    return True
