"""A real SLURM cluster on this machine, as slurm/local_cluster makes it."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

SCRIPTS = Path(__file__).resolve().parents[1] / "slurm" / "local_cluster"
UNABLE = 2
"""Exit status of up.sh where the machine, not the cluster, is at fault."""


class NoCluster(RuntimeError):
    """No cluster can be started on this machine; says why in one line."""


class Cluster:
    """The cluster whose files are in `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def environment(self) -> dict[str, str]:
        """For processes that use this cluster, also where the tests run in a job of another."""
        foreign = ("SLURM_", "SBATCH_", "SRUN_", "SQUEUE_", "CLUSTER_")
        kept = {name: text for name, text in os.environ.items() if not name.startswith(foreign)}
        return {**kept, "SLURM_CONF": str(self.folder / "etc" / "slurm.conf")}

    def up(self, **settings: int) -> None:
        """Start or repair; settings by their names, as `nodes=2`. Raises NoCluster."""
        asked = {f"CLUSTER_{name.upper()}": str(value) for name, value in settings.items()}
        ended = self._call([SCRIPTS / "up.sh", self.folder], self.environment | asked)
        if ended.returncode == UNABLE:
            raise NoCluster(ended.stderr.strip())
        assert ended.returncode == 0, ended.stderr

    def down(self) -> None:
        """Stop and delete."""
        ended = self._call([SCRIPTS / "down.sh", self.folder, "--wipe"], self.environment)
        assert ended.returncode == 0, ended.stderr

    def pid(self, name: str) -> int:
        """Of "n1" (its death is a crash of the node), "slurmd-n1", "slurmctld" or "munged"."""
        return int((self.folder / "run" / f"{name}.pid").read_text())

    def send(self, name: str, number: signal.Signals = signal.SIGKILL) -> None:
        """Send a signal to a daemon or, with SIGKILL, crash a node."""
        os.kill(self.pid(name), number)

    def run(self, *command: object) -> str:
        """What a command prints, sbatch, squeue or scontrol for example; it must succeed."""
        ended = self._call(command, self.environment)
        assert ended.returncode == 0, f"{command}: {ended.stderr}"
        return ended.stdout.strip()

    def submit(self, script: str, *options: object) -> str:
        """Submit shell lines, output to `folder`/ID.out; the job's id."""
        output = self.folder / "%A_%a.out" if "--array" in str(options) else self.folder / "%j.out"
        return self.run("sbatch", "--parsable", f"--output={output}", *options, "--wrap", script)

    def output(self, job: str) -> str:
        """What a job that `submit` submitted has printed until now."""
        path = self.folder / f"{job}.out"
        return path.read_text() if path.exists() else ""

    def states(self, job: str) -> list[str]:
        """SLURM's words for a job, or for each element of an array; ended ones too."""
        shown = self.run("squeue", "--noheader", "--array", "--states=all", "-o%T", f"--jobs={job}")
        return shown.split()

    def node_states(self) -> list[str]:
        """SLURM's words for the nodes, in their order; "*" marks one that does not answer."""
        return self.run("sinfo", "--noheader", "--Node", "--partition=main", "-o%T").split()

    @staticmethod
    def _call(command: object, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
        words = [str(word) for word in command]
        return subprocess.run(words, env=environment, text=True, capture_output=True)


def wait_until(condition: Callable[[], object], seconds: float = 60) -> None:
    """Ask again and again; fails where the condition does not come true."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"not within {seconds} s"
        time.sleep(0.1)


@contextmanager
def temporary_cluster(**settings: int) -> Iterator[Cluster]:
    """A cluster of one's own; stopped and deleted at the end."""
    folder = Path(tempfile.mkdtemp(prefix="unify-slurm-", dir="/tmp"))  # short, as sockets need
    cluster = Cluster(folder)
    try:
        cluster.up(**settings)
        yield cluster
    finally:
        if any(folder.iterdir()):
            cluster.down()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def shared_cluster() -> Iterator[Cluster]:
    """The running one that UNIFY_LOCAL_CLUSTER names (its folder), else a temporary one."""
    folder = os.environ.get("UNIFY_LOCAL_CLUSTER")
    if not folder:
        with temporary_cluster() as cluster:
            yield cluster
        return
    cluster = Cluster(Path(folder).resolve())
    cluster.up()
    yield cluster
