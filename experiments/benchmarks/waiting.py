"""The share of a training step that is spent waiting for its batch."""

import time
from dataclasses import dataclass, replace
from pathlib import Path

from unify.config import RunConfig
from unify.config.codec import override
from unify.config.presets import mini
from unify.data.example import Example
from unify.data.miniature import ensure_world
from unify.data.prepare.formats import JpegFrames, Mp4, StorageFormat

WARM_UP = 4
"""Steps that are not counted: processes start, caches fill."""
WORLD = {"cc3m_images": 128, "webvid_clips": 128, "msrvtt_train_clips": 16, "labelled_images": 16}
"""Fewer clips than `mini` has, of the same kind."""
FORMS: dict[str, StorageFormat | None] = {"as made": None, "H.264": Mp4(), "JPEG": JpegFrames()}


@dataclass(frozen=True)
class Wait:
    """Mean seconds of a step of `mini`."""

    store: str
    workers: int
    waiting: float
    """For the batch."""
    computing: float

    @property
    def share(self) -> float:
        """Of the step."""
        return self.waiting / (self.waiting + self.computing)


def measure(folder: Path, steps: int) -> list[Wait]:
    """Real steps of `mini` on a small miniature world in each form, with 0 and 1 processes."""
    from unify.training.device import choose_device

    device = choose_device()  # DeepSpeed fixes its accelerator on import: only now is it known
    from unify.training.distributed import join
    from unify.training.engine import make_engine
    from unify.training.unify_task import make_task

    join(device)
    config = _config(folder)
    task = make_task(config, {}, device)
    engine = make_engine(task.objective, task.groups, config.plan, config.engine)
    task.begin_stage(2)
    found = []
    for name, form in FORMS.items():
        if form is not None:
            clips = task.stream.corpora["webvid2m"]
            task.stream.corpora["webvid2m"] = [_stored(clip, form) for clip in clips]
        for workers in (0, 1):
            batches = task.stream.iterate(task.grounding_steps, task.steps, workers)
            found.append(Wait(name, workers, *_means(batches, engine, device, steps)))
    return found


def _config(folder: Path) -> RunConfig:
    changes = {"init.text": "random", "init.video": "random", "data.root": str(folder)}
    config = override(mini(), changes)
    world = replace(config.world, **WORLD)
    ensure_world(world, folder)
    return replace(config, world=world)


def _stored(clip: Example, form: StorageFormat) -> Example:
    path = clip.path.with_name(f"{clip.path.stem} {type(form).__name__}{form.suffix}")
    path.write_bytes(form.clip(clip.path))
    return replace(clip, path=path)


def _means(batches, engine, device, steps: int) -> tuple[float, float]:
    """Mean seconds of waiting and of computing."""
    waiting = computing = 0.0
    for step in range(WARM_UP + steps):
        start = time.perf_counter()
        batch = next(batches).to(device)
        there = time.perf_counter()
        loss, report = engine(batch, batch.step)
        engine.backward(loss)
        engine.step()
        float(report["loss"])  # the device has done it
        if step >= WARM_UP:
            waiting += there - start
            computing += time.perf_counter() - there
    batches.close()
    return waiting / steps, computing / steps
