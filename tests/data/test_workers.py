"""Processes that decode, under signals that go to all processes of a job."""

import multiprocessing
import os
import subprocess
from pathlib import Path

import pytest

from unify.config import PRESETS
from unify.data.corpora import load_corpus
from unify.data.eval_loader import iterate_clips
from unify.data.loader import TrainStream
from unify.data.miniature import ensure_world
from unify.data.pool import run_all
from unify.interruption import Interrupted, check, listening

HALF = (0.5, 0.5, 0.5)


@pytest.fixture
def clips(world: Path):
    return load_corpus("msrvtt", "train_9k", world)


def signal_children():
    """What SLURM does to a job: signals from somebody else, to all that this process started."""
    children = [
        int(child)
        for thread in Path(f"/proc/{os.getpid()}/task").iterdir()
        for child in (thread / "children").read_text().split()
    ]
    for name in ("USR2", "TERM"):
        subprocess.run(["kill", f"-{name}", *map(str, children)], check=True)
    return children


def is_gone(process):
    return not process.is_alive()


def test_training_batches_go_on_and_no_process_is_left(clips, seed):
    settings = {
        "num_frames": 2,
        "image_size": 32,
        "crop_scale": (0.8, 1.0),
        "flip": False,
        "mean": HALF,
        "std": HALF,
        "max_tokens": 20,
        "mlm_ratio": 0.3,
        "batch_size": 4,
        "seed": seed,
        "vocab_ids": None,
    }
    stream = TrainStream({"msrvtt": clips}, **settings)
    batches = stream.iterate(0, 100, workers=1)
    first = next(batches)
    workers = multiprocessing.active_children()
    assert len(signal_children()) >= len(workers) == 1
    again = stream.iterate(0, 20)
    assert next(again).keys == first.keys
    for batch, expected in zip((next(batches) for _ in range(15)), again, strict=False):
        assert batch.keys == expected.keys
    batches.close()
    assert all(map(is_gone, workers))


def test_clips_of_test_sets_are_decoded_all_the_same(clips):
    settings = {"num_frames": 1, "image_size": 32, "mean": HALF, "std": HALF}
    plain = list(iterate_clips(clips[:6], 2, **settings))
    batches = iterate_clips(clips[:6], 2, **settings, workers=1)
    with listening():
        found = []
        for batch in batches:
            signal_children()
            found.append(batch)
    assert len(found) == len(plain) == 3
    assert all((a == b).all() for a, b in zip(found, plain, strict=True))


def test_a_pool_does_its_jobs_and_ends(clips):
    with listening():
        found = []
        for job, result in run_all(abs, range(-20, 0), 1):
            signal_children()
            found.append((job, result))
    assert sorted(found) == [(k, -k) for k in range(-20, 0)]
    assert not multiprocessing.active_children()


def test_a_world_that_is_being_drawn_is_left_when_asked(tmp_path):
    config = PRESETS["smoke"]().world
    seen = []

    def progress(done, planned):
        seen.append((done, planned))
        signal_children()
        if len(seen) == 2:
            os.kill(os.getpid(), 15)
        check()

    with listening(), pytest.raises(Interrupted):
        ensure_world(config, tmp_path / "world", workers=2, progress=progress)
    assert len(seen) == 2
    assert not multiprocessing.active_children()
    assert not (tmp_path / "world").exists()
