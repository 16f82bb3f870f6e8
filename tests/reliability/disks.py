"""Disks that are full, or that nothing can be written to."""

from reliability.disk import Disk
from reliability.life import CHECKPOINT_EVERY, STEPS, Life, Missed
from reliability.registry import fault
from reliability.trial import Trial, at_once

ROOM = 48 * 2**20
"""Bytes that hold a run with all that it keeps meanwhile."""
FULL = "No space left"
CLOSED = "Read-only"


@fault(tries=3, quick=1, seconds=25)
def disk_full_checkpoint(trial: Trial) -> None:
    """The disk is filled so far that the next checkpoint cannot be written whole."""
    disk = trial.disk(trial.prepare(), ROOM)
    life = trial.train()
    life.until_rows(CHECKPOINT_EVERY * trial.random.randrange(1, 6) + 1)
    size = sum(path.stat().st_size for path in trial.checkpoints()[-1].rglob("*"))
    _fill(trial, life, disk, int(size * trial.random.uniform(0.1, 0.9)))


@fault(tries=3, seconds=25)
def disk_full_metrics(trial: Trial) -> None:
    """The disk is filled while rows of metrics.jsonl are written."""
    disk = trial.disk(trial.prepare(), ROOM)
    life = trial.train()
    life.until_rows(trial.random.randrange(1, STEPS - 1))
    _fill(trial, life, disk, 0)


@fault(tries=2, seconds=25)
def disk_full_weights(trial: Trial) -> None:
    """The disk is filled after the last checkpoint, before the finished weights are written."""
    disk = trial.disk(trial.prepare(), ROOM)
    life = trial.train()
    last = trial.run / "checkpoints" / f"step-{STEPS:07d}"
    # once an older one is removed: until then there is not less room than before
    life.wait(lambda: last.exists() and len(trial.checkpoints()) == 2, "the last checkpoint")
    _fill(trial, life, disk, trial.random.randrange(2**20))


@fault(tries=2, seconds=25)
def disk_full_result(trial: Trial) -> None:
    """The disk is filled in the evaluation, before result.json is written."""
    disk = trial.disk(trial.prepare(), ROOM)
    life = trial.train()
    life.until(("evaluation", "result")[trial.number % 2])
    _fill(trial, life, disk, 0)


@fault(tries=2, seconds=40)
def disk_full_data(trial: Trial) -> None:
    """The disk with the miniature world is filled while the world is drawn."""
    disk = trial.disk(trial.folder / "data", ROOM)
    life = trial.sweep()
    life.until("data", trial.random.uniform(0, 0.5))
    with at_once(life):
        disk.leave(0)
        trial.hit(life.phase())
    trial.refused(life, FULL, "data")
    disk.empty()
    trial.ends_right(trial.sweep())


@fault(tries=1, seconds=20)
def read_only(trial: Trial) -> None:
    """The run directory is read-only from the beginning."""
    disk = trial.disk(trial.prepare(), ROOM)
    disk.forbid_writing()
    life = trial.train()
    trial.hit("start")
    trial.refused(life, CLOSED)
    disk.allow_writing()
    trial.ends_right(trial.train())


@fault(tries=2, seconds=25)
def read_only_midway(trial: Trial) -> None:
    """The run directory becomes read-only at a random step."""
    disk = trial.disk(trial.prepare(), ROOM)
    life = trial.train()
    life.until_rows(trial.random.randrange(1, STEPS))
    with at_once(life):
        disk.forbid_writing()
        trial.hit(life.phase())
    trial.refused(life, CLOSED)
    disk.allow_writing()
    trial.ends_right(trial.train(), trial.checkpoint())


def _fill(trial: Trial, life: Life, disk: Disk, free: int) -> None:
    """Leave no more free bytes; the run says so, and ends right once there is room again."""
    with at_once(life):
        disk.leave(free)
        where = life.phase()
    if life.ended() == 0:
        raise Missed
    trial.hit(where)
    trial.refused(life, FULL)
    disk.empty()
    trial.ends_right(trial.train(), trial.checkpoint())
