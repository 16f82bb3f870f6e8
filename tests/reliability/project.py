"""Projects of a trial's own: where the commands run, and undisturbed ones to compare with."""

import os
import shutil
import socket
import threading
from pathlib import Path

from reliability.life import SETTINGS, Life

ROOT = Path(__file__).resolve().parents[2]
SWEEP = (str(ROOT / "experiments" / "sweep.py"), "stem_depth", *SETTINGS, "--only", "N=9")
SWEEP += ("--jobs", str(len(os.sched_getaffinity(0))))  # so each job has one thread, like run.py
RUN = str(ROOT / "experiments" / "run.py")


class References:
    """Undisturbed outcomes, made when first asked for: one of each number of processes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()

    def of(self, processes: int = 1) -> Path:
        """A finished project: of the sweep, or of its training by several processes."""
        with self._lock:
            folder = self._folder / f"undisturbed-{processes}"
            if not (folder / "made").exists():
                shutil.rmtree(folder, ignore_errors=True)
                self._make(folder, processes)
                (folder / "made").touch()
        return folder

    def run_of(self, processes: int) -> Path:
        """The directory of the training in it."""
        return next(self.of(processes).glob("runs/stem_depth/N=9-*"))

    def _make(self, folder: Path, processes: int) -> None:
        if processes == 1:
            folder.mkdir(parents=True)
            life = Life(folder, 0, SWEEP, {})
        else:
            prepare(self._folder / "undisturbed-1", folder)
            life = Life(folder, 0, run_command(folder, processes), {})
        if life.ended():
            raise RuntimeError(f"the undisturbed run failed; see {folder}: {life.lines}")


def prepare(finished: Path, folder: Path) -> None:
    """A project with data, warm starts and the config of a training that has not begun."""
    (run,) = finished.glob("runs/stem_depth/N=9-*")
    copy = folder / run.relative_to(finished)
    copy.mkdir(parents=True)
    shutil.copy2(run / "config.json", copy)
    for part in ("data", "runs/warm_start"):
        shutil.copytree(finished / part, folder / part)
    for config in folder.glob("runs/*/*/config.json"):  # has the data's absolute path
        config.write_text(config.read_text().replace(str(finished), str(folder)))


def run_command(folder: Path, processes: int = 1) -> tuple[str, ...]:
    """What trains the prepared run of a project."""
    (run,) = folder.glob("runs/stem_depth/N=9-*")
    command = (RUN, "--dir", str(run.relative_to(folder)))
    if processes == 1:
        return command
    place = ("--master_addr", "127.0.0.1", "--master_port", str(free_port()))
    torchrun = ("-m", "torch.distributed.run", "--nproc_per_node", str(processes))
    return (*torchrun, *place, *command)


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
