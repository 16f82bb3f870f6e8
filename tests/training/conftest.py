"""Trainings in real DeepSpeed processes, made once for all tests that look at them."""

import random
import shutil

import pytest

DROPOUT = {"job": "training", "dropout": 0.2}
STOPS = {"before": 3, "at": 5, "after": 7}
"""The step that a training does not reach. Its newest checkpoint is of step 2, 4 or 6: before, at
or after the start of stage 2; one step more is in the log already."""
RESUMED = (*STOPS, "spoilt", "killed", "zero0 stopped", "left by two")


@pytest.fixture(scope="session")
def runs(tmp_path_factory):
    """Five starts of processes, each of which does several jobs."""
    from processes import Runs
    from tiny import fresh_seed

    made = Runs(tmp_path_factory.mktemp("processes"), fresh_seed())
    assert made.start(*alone()) == -9
    assert made.start(*in_two_processes(), *asked_to_stop(made.seed), processes=2) == 0
    assert made.start(*in_four_processes(), processes=4) == 0
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


def in_four_processes():
    """The same training in four."""
    yield {"out": "zero2 of four", "job": "training", "zero": 2, "every": 100}


def asked_to_stop(seed):
    """Trainings in two processes that get signals, and go on in the same processes."""
    for out, job in interruptions(seed).items():
        print(out, job["signals"])
        for name in (out, f"{out}, resumed"):
            yield {"out": name, **DROPOUT, "every": 100, **job}
        yield {"out": f"{out}, resumed", **DROPOUT, "every": 100}
    yield {"out": "taken over", **DROPOUT, "taken": 5}
    yield {"out": "phases", "job": "phases"}


def interruptions(seed):
    """By name, what happens: step, process and signal."""
    step = random.Random(seed).randrange
    return {
        "USR2 to the second": {"signals": [(step(7), 1, "SIGUSR2")]},
        "TERM to the first": {"signals": [(step(7), 0, "SIGTERM")]},
        "at the switch": {"signals": [(3, 1, "SIGTERM"), (3, 0, "SIGUSR2"), (3, 0, "SIGUSR2")]},
        "when saving anyway": {"signals": [(5, 1, "SIGUSR2")], "every": 2},
        "at the last step": {"signals": [(7, 1, "SIGUSR2")]},
    }


def resumed():
    """A new process goes on from what the others left."""
    for name in RESUMED:
        plain = {"job": "training", "zero": 0}
        yield {"out": f"{name}, resumed", **(plain if name == "zero0 stopped" else DROPOUT)}
