"""Checkpoints that are whole or absent, and that any number of processes can go on from.

Each process writes its share of the state; the record with the checksums of all files comes last,
then the folder gets its name. Two are kept, so at most three are on disk at any time, each of 12
bytes per parameter; what else is there is removed with the next one.
"""

import shutil
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import deepspeed

from unify.checksum import Checksum
from unify.files import sync_folder
from unify.training.checkpoint_record import damage, read_record, whole_checkpoints, write_record
from unify.training.distributed import everyone, rank, together, world_size
from unify.training.shard import Shards, write_shard

KEPT = 2


def save(engine: deepspeed.DeepSpeedEngine, folder: Path, step: int, notes: Any) -> None:
    """Write `step-<step>` with what all processes hold; every process must call it.

    Args:
        engine: whose weights and optimiser state to keep.
        folder: of the run's checkpoints.
        step: optimiser steps done.
        notes: what else this process must find again, as JSON values.

    Raises:
        OSError: in all processes, where one of them could not write; nothing partial is left.
    """
    draft = folder / f".partial-step-{step:07d}"
    try:
        together(partial(_first, partial(_make_room, draft)))
        files = everyone(together(partial(write_shard, engine, draft, notes)))
        together(partial(_first, partial(_complete, draft, step, dict(files))))
    except BaseException:
        _first(partial(shutil.rmtree, draft, ignore_errors=True))
        raise


def load_newest(
    engine: deepspeed.DeepSpeedEngine, folder: Path, tell: Callable[[str], None]
) -> tuple[int, list[Any]]:
    """Load the newest undamaged checkpoint; damaged ones are told of, once by rank 0, and removed.

    Returns:
        How many steps are done, and the notes that this process goes on with: each writer's go to
        one of the readers.

    Raises:
        ValueError: if a checkpoint has another format, or is another model's.
    """
    newest = _newest_undamaged(folder, tell)
    if newest is None:
        return 0, []
    record = read_record(newest)
    with Shards([newest / name for name in record["files"]]) as shards:
        shards.fill(engine)
        return record["step"], shards.notes()


def remove_all(folder: Path) -> None:
    """Free the space: a finished run keeps its weights in `model.safetensors`."""
    shutil.rmtree(folder, ignore_errors=True)


def _first(work: Callable[[], object]) -> None:
    if rank() == 0:
        work()


def _make_room(draft: Path) -> None:
    """An empty folder to write in; none of those that a process left when it was killed."""
    whole = whole_checkpoints(draft.parent)
    for left in (*draft.parent.glob(".partial-step-*"), *draft.parent.glob("step-*")):
        if left not in whole:
            shutil.rmtree(left)
    draft.mkdir(parents=True)


def _complete(draft: Path, step: int, files: Mapping[str, Checksum]) -> None:
    """Write the record, give the folder its name, remove what is older than is kept."""
    write_record(draft, step, world_size(), files)
    whole = draft.with_name(f"step-{step:07d}")
    shutil.rmtree(whole, ignore_errors=True)
    draft.rename(whole)
    sync_folder(whole.parent)
    for old in whole_checkpoints(whole.parent)[:-KEPT]:
        shutil.rmtree(old)


def _newest_undamaged(folder: Path, tell: Callable[[str], None]) -> Path | None:
    """What all processes agree on; each looks at some of the files."""
    share = slice(rank(), None, world_size())
    names = everyone([path.name for path in whole_checkpoints(folder)])[0]
    found = [folder / name for name in names]
    while found:
        problems = everyone(together(partial(damage, found[-1], share)))
        problem = next(filter(None, problems), None)
        if problem is None:
            return found[-1]
        together(partial(_first, partial(_give_up, found.pop(), problem, found, tell)))
    return None


def _give_up(damaged: Path, problem: str, left: list[Path], tell: Callable[[str], None]) -> None:
    goes_on = f"going on from {left[-1].name}" if left else "no other is left, beginning anew"
    tell(f"checkpoint {damaged} is damaged ({problem}); {goes_on}")
    shutil.rmtree(damaged)
