"""Trainings in two processes of which one is killed, and in another number than before."""

import os
import signal

from reliability.life import STEPS
from reliability.marks import marked, script_of, variables
from reliability.project import free_port
from reliability.registry import fault
from reliability.trial import Trial


@fault(tries=4, quick=1, seconds=35)
def one_of_two_killed(trial: Trial) -> None:
    """SIGKILL of one of two processes under torchrun, of rank 0 and rank 1 in turn."""
    trial.prepare()
    life = trial.train(processes=2)
    life.until_rows(trial.random.randrange(1, STEPS))
    trial.hit(f"rank {trial.number % 2}")
    os.kill(_rank(trial, trial.number % 2), signal.SIGKILL)
    trial.refused(life, "another process")
    trial.ends_right(trial.train(processes=2), trial.checkpoint(), processes=2)


@fault(tries=2, seconds=35)
def partner_killed(trial: Trial) -> None:
    """The same without torchrun, as srun starts them: nobody tells the other process."""
    trial.prepare()
    port = str(free_port())
    place = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port, "WORLD_SIZE": "2"}
    lives = [trial.train(RANK=str(k), LOCAL_RANK=str(k), **place) for k in (0, 1)]
    lives[0].until_rows(trial.random.randrange(1, STEPS))
    trial.hit(f"rank {trial.number % 2}")
    lives[trial.number % 2].process.kill()
    trial.refused(lives[1 - trial.number % 2], "another process")
    trial.ends_right(trial.train(processes=2), trial.checkpoint(), processes=2)


@fault(tries=4, seconds=35)
def other_number_of_processes(trial: Trial) -> None:
    """Killed at a random step, and continued by 1 process instead of 2, or by 2 instead of 1:
    the same as undisturbed but for rounding."""
    trial.prepare()
    before, after = ((2, 1), (1, 2))[trial.number % 2]
    life = trial.train(processes=before)
    life.until_rows(trial.random.randrange(5, STEPS))
    trial.hit(f"{before} to {after} at {life.phase()}")
    life.kill()
    done = trial.checkpoint()
    trial.ends(trial.train(processes=after), done)
    trial.alike(before, after, done)


def _rank(trial: Trial, rank: int) -> int:
    """The process of a rank."""
    pids = marked(str(trial.folder))
    return next(p for p in pids if variables(p).get("RANK") == str(rank) and script_of(p))
