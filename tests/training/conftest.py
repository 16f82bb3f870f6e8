"""Trainings in real DeepSpeed processes, made once for all tests that look at them."""

import hashlib
import json
import random

import pytest

DROPOUT = {"job": "training", "dropout": 0.2}
PLAIN = {"job": "training"}
STOPS = {"before": 3, "at": 5, "after": 7}
"""The step that a training does not reach. Its newest checkpoint is of step 2, 4 or 6: before, at
or after the start of stage 2; one step more is in the log already."""
RESUMED = (*STOPS, "spoilt", "spoilt gradient", "killed", "zero0 stopped", "left by two")


@pytest.fixture(scope="session")
def runs(tmp_path_factory):
    """Three starts of processes, each of which does several jobs."""
    from processes import Runs
    from tiny import fresh_seed

    made = Runs(tmp_path_factory.mktemp("processes"), fresh_seed())
    assert made.start(*alone()) == -9
    made.copy("left by one", "left by one, resumed by two")
    assert made.start(*in_two_processes(), processes=2) == 0
    for name in RESUMED:
        made.copy(name, f"{name}, resumed")
    for name, spoil in DAMAGES.items():
        made.copy("killed", name)
        spoil(made.folder / name / "checkpoints", random.Random(f"{made.seed} {name}"))
    partial = made.folder / "before, resumed/checkpoints/.partial-step-0000004"
    partial.mkdir(parents=True)
    (partial / "state-00000-of-00001.safetensors").write_bytes(b"half a file")
    assert made.start(*resumed()) == 0
    return made


@pytest.fixture(scope="session")
def more_runs(runs):
    """Two more starts: of two processes that get signals, and of four."""
    runs.copy("left by two", "left by two, resumed by four")
    assert runs.start(*asked_to_stop(runs.seed), processes=2) == 0
    assert runs.start(*in_four_processes(), processes=4) == 0
    return runs


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
    yield {"out": "zero0 stopped", **PLAIN, "zero": 0, "stop": 5}
    yield {"out": "left by one", **PLAIN, "stop": 5}
    yield {"out": "spoilt", **DROPOUT, "spoil": 5}
    for zero in (0, 2):
        out = "spoilt gradient" if zero else "spoilt gradient without zero"
        yield {"out": out, **DROPOUT, "zero": zero, "spoil_gradient": 5}
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
    yield {"out": "stopped of two", **DROPOUT, "stop": 5}
    yield {"out": "stopped of two", **DROPOUT}
    yield {"out": "left by two", **PLAIN, "stop": 5}
    yield {"out": "left by one, resumed by two", **PLAIN}
    yield {"out": "no room", **DROPOUT, "limited": 5}
    yield {"out": "no room, resumed", **DROPOUT, "limited": 5}
    yield {"out": "no room, resumed", **DROPOUT}


def in_four_processes():
    """The same training in four."""
    yield {"out": "zero2 of four", "job": "training", "zero": 2, "every": 100}
    yield {"out": "left by two, resumed by four", **PLAIN}


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
    own = {"zero0 stopped": {**PLAIN, "zero": 0}, "left by two": PLAIN}
    for name in RESUMED:
        yield {"out": f"{name}, resumed", **own.get(name, DROPOUT)}
    for name in DAMAGES:
        yield {"out": name, **DROPOUT}


def newest(checkpoints):
    return max(checkpoints.glob("step-*"))


def shard(checkpoints):
    (found,) = newest(checkpoints).glob("state-*")
    return found


def flip_a_bit(checkpoints, chance):
    content = bytearray(shard(checkpoints).read_bytes())
    content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    shard(checkpoints).write_bytes(content)


def truncate(checkpoints, chance):
    content = shard(checkpoints).read_bytes()
    shard(checkpoints).write_bytes(content[: chance.randrange(len(content))])


def lose(checkpoints, chance):
    shard(checkpoints).unlink()


def empty_record(checkpoints, chance):
    (newest(checkpoints) / "checkpoint.json").write_text("{}")


def change_step(checkpoints, chance):
    record = newest(checkpoints) / "checkpoint.json"
    record.write_text(record.read_text().replace('"step": 4', '"step": 5'))


def number_anew(checkpoints, chance):
    """As a version would that knows another format."""
    folder = newest(checkpoints)
    record = json.loads((folder / "checkpoint.json").read_text())
    record = {"format": 2, "state": record["files"]}
    checksum = hashlib.sha256(json.dumps(record, sort_keys=True).encode()).hexdigest()
    (folder / "checkpoint.json").write_text(json.dumps({**record, "sha256": checksum}))


def spoil_all(checkpoints, chance):
    for checkpoint in checkpoints.glob("step-*"):
        (checkpoint / "checkpoint.json").write_text("")


DAMAGES = {
    "a bit flipped": flip_a_bit,
    "cut short": truncate,
    "a file lost": lose,
    "record emptied": empty_record,
    "step changed": change_step,
    "all damaged": spoil_all,
    "another format": number_anew,
}
"""By name, what happens to the newest checkpoint; the one before it is of step 2."""
