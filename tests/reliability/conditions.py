"""A second process, a clock that goes back, numbers that are none."""

from pathlib import Path

from reliability.life import SETTINGS, STEPS, Life
from reliability.project import RUN
from reliability.registry import fault
from reliability.trial import Trial

CHANGED = str(Path(__file__).with_name("changed_run.py"))
HOUR = 3600


@fault(tries=2, quick=1, seconds=20)
def two_at_once(trial: Trial) -> None:
    """A second process is started on a run that is being trained; the first goes on unharmed."""
    trial.prepare()
    first = trial.train()
    first.until_rows(trial.random.randrange(1, STEPS // 2))
    trial.hit(first.phase())
    trial.refused(trial.train(), "is being trained by")
    trial.ends_right(first)


@fault(tries=1, seconds=25)
def clock_back_between_lives(trial: Trial) -> None:
    """Killed at a random step, and run again with the clock an hour back."""
    trial.prepare()
    life = _clocked(trial, HOUR)
    life.until_rows(trial.random.randrange(5, STEPS))
    trial.hit(life.kill())
    trial.ends_right(_clocked(trial, 0), trial.checkpoint())


@fault(tries=2, quick=1, seconds=15)
def clock_back_within_a_life(trial: Trial) -> None:
    """The clock is set back by an hour while the training runs."""
    trial.prepare()
    life = _clocked(trial, HOUR)
    life.until_rows(trial.random.randrange(1, STEPS))
    _set_clock(trial, 0)
    trial.hit(life.phase())
    trial.ends_right(life)


@fault(tries=2, quick=1, seconds=20)
def nan_in_a_batch(trial: Trial) -> None:
    """A batch holds one NaN; the next life reads it without."""
    trial.prepare()
    step = trial.random.randrange(1, STEPS)
    life = _changed(trial, FAULT_NAN_STEP=str(step))
    life.ended()
    trial.hit(f"step {step}")
    trial.refused(life, f"step {step}", "nan", "latent_nce")
    trial.ends_right(trial.train(), trial.checkpoint())


@fault(tries=1, seconds=30)
def absurd_learning_rate(trial: Trial) -> None:
    """A run of its own with plan.learning_rate=1e30, twice; the other run ends as ever."""
    trial.prepare()
    for _ in range(2):
        life = trial.start(RUN, *SETTINGS, "plan.learning_rate=1e30", "--label", "absurd")
        trial.hit("learning rate 1e30")
        trial.refused(life, "step", "latent_nce")
    trial.ends(trial.train())
    trial.same_run()


def _clocked(trial: Trial, ahead: int) -> Life:
    """A training whose clock is so many seconds ahead."""
    return _changed(trial, FAULT_CLOCK=str(_set_clock(trial, ahead)))


def _set_clock(trial: Trial, ahead: int) -> Path:
    """The file that the clock follows; it is never empty."""
    clock, new = trial.folder / "clock", trial.folder / "clock.new"
    new.write_text(str(ahead))
    return new.replace(clock)


def _changed(trial: Trial, **variables: str) -> Life:
    return trial.start(CHANGED, "--dir", str(trial.run.relative_to(trial.folder)), **variables)
