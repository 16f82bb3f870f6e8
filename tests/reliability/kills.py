"""Processes of a sweep that are killed or asked to stop."""

import json
import os
import signal

from reliability.life import STEPS, Life
from reliability.marks import marked
from reliability.registry import fault
from reliability.trial import Trial

DELAYS = {
    "start": 2.5,
    "data": 1.5,
    "warm start": 1.5,
    "stage 1": 1.0,
    "switch": 0.2,
    "stage 2": 2.0,
    "checkpoint": 0.03,
    "evaluation": 0.2,
    "result": 0.01,
}
"""Most seconds from the beginning of a phase to a kill."""
MOMENTS = (
    ("start", "warm start", "switch", "checkpoint", "result"),
    ("data", "warm start", "stage 1", "stage 2", "evaluation"),
)
"""When the sweep of a try is killed: of even tries, of odd ones."""
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@fault(tries=4, quick=1, seconds=75)
def killed(trial: Trial) -> None:
    """SIGKILL of all processes of a sweep again and again, each time in a later phase and at a
    random moment of it; in the end it is run once more."""
    for phase in MOMENTS[trial.number % 2]:
        life = trial.sweep()
        life.until(phase, trial.random.uniform(0, DELAYS[phase]))
        if life.process.poll() is None:
            trial.hit(life.kill())
    trial.ends_right(trial.sweep(), _step(trial))


@fault(tries=2, seconds=25)
def training_killed(trial: Trial) -> None:
    """SIGKILL of the training process alone; the sweep names it and its log."""
    trial.prepare()
    life = trial.sweep()
    life.until_rows(trial.random.randrange(1, STEPS))
    trial.hit(life.phase())
    os.kill(_trainer(life), signal.SIGKILL)
    trial.refused(life, "N=9")
    trial.ends_right(trial.sweep(), trial.checkpoint())


@fault(tries=2, seconds=25)
def launcher_killed(trial: Trial) -> None:
    """SIGKILL of the command alone, whose training lives on; the command is run again at once."""
    trial.prepare()
    life = trial.sweep()
    life.until_rows(trial.random.randrange(1, STEPS))
    trial.hit(life.phase())
    life.process.kill()
    trial.ends_right(trial.sweep())


@fault(tries=3, seconds=25)
def asked_to_stop(trial: Trial) -> None:
    """SIGINT, SIGTERM or SIGHUP to the sweep, as Ctrl-C, `kill` and a closed terminal send it."""
    trial.prepare()
    number = SIGNALS[trial.number % len(SIGNALS)]
    life = trial.sweep()
    life.until_rows(trial.random.randrange(1, STEPS - 2))
    trial.hit(number.name)
    if number == signal.SIGTERM:
        life.process.terminate()
    else:  # a terminal tells all that run in it
        os.killpg(life.process.pid, number)
    trial.refused(life, "stopped")
    if left := marked(str(trial.folder)):
        trial.verdict.wrong.append(f"{len(left)} processes live on")
    trial.ends_right(trial.sweep(), trial.checkpoint())


def _step(trial: Trial) -> int:
    return trial.checkpoint() if list(trial.folder.glob("runs/stem_depth/N=9-*")) else 0


def _trainer(life: Life) -> int:
    """The process that has the run, as its last attempt says."""
    last = max(life.run.glob("attempts/*.json"))
    return json.loads(last.read_text())["pid"]
