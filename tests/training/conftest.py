"""Trainings in real DeepSpeed processes, made once for all tests that look at them."""

import shutil

import pytest

DROPOUT = {"job": "training", "dropout": 0.2}
STOPS = {"before": 3, "at": 5, "after": 7}
"""The step that a training does not reach. Its newest checkpoint is of step 2, 4 or 6: before, at
or after the start of stage 2; one step more is in the log already."""
RESUMED = (*STOPS, "spoilt", "killed", "zero0 stopped", "left by two")


@pytest.fixture(scope="session")
def runs(tmp_path_factory):
    """Four starts of processes, each of which does several jobs."""
    from processes import Runs
    from tiny import fresh_seed

    made = Runs(tmp_path_factory.mktemp("processes"), fresh_seed())
    assert made.start(*alone()) == -9
    assert made.start(*in_two_processes(), processes=2) == 0
    for name in RESUMED:
        shutil.copytree(made.folder / name, made.folder / f"{name}, resumed")
    partial = made.folder / "before, resumed/checkpoints/.partial-step-0000004/state"
    partial.mkdir(parents=True)
    (partial / "mp_rank_00_model_states.pt").write_bytes(b"half a file")
    assert made.start(*resumed()) == 0
    return made


def alone():
    """One process, which the last job kills."""
    yield {"out": "joins", "job": "half_joined"}
    for step in (1, 5):
        yield {"out": f"gradients{step}", "job": "gradients", "step": step}
    for stage in (0, 1, 2):
        yield {"out": f"zero{stage}", "job": "training", "zero": stage, "every": 100}
    yield {"out": "whole", **DROPOUT}
    for name, stop in STOPS.items():
        yield {"out": name, **DROPOUT, "stop": stop}
    yield {"out": "zero0 stopped", "job": "training", "zero": 0, "stop": 5}
    yield {"out": "spoilt", **DROPOUT, "spoil": 5}
    yield {"out": "killed", **DROPOUT, "killed": 5}


def in_two_processes():
    """The same trainings in two, and one that is resumed there."""
    for step in (1, 5):
        yield {"out": f"gradients{step} of two", "job": "gradients", "step": step}
    for stage in (0, 1, 2):
        out = f"zero{stage} of two"
        yield {"out": out, "job": "training", "zero": stage, "every": 100}
    yield {"out": "spoilt of two", **DROPOUT, "spoil": 5}
    yield {"out": "whole of two", **DROPOUT}
    for out in ("left by two", "stopped of two"):
        yield {"out": out, **DROPOUT, "stop": 5}
    yield {"out": "stopped of two", **DROPOUT}


def resumed():
    """A new process goes on from what the others left."""
    for name in RESUMED:
        plain = {"job": "training", "zero": 0}
        yield {"out": f"{name}, resumed", **(plain if name == "zero0 stopped" else DROPOUT)}
