"""What a phase outside the training says, and where it can be ended."""

import os
import signal
import time

import pytest
import torch

from unify.attempts import Attempts, ClaimLost, Holder
from unify.interruption import Interrupted, listening
from unify.records import RunDirectory
from unify.runs.progress import Progress
from unify.training.report import PROGRESS_SECONDS
from unify.training.watch import Watch

CPU = torch.device("cpu")


def test_it_is_said_now_and_then_and_at_the_end(tmp_path):
    directory = RunDirectory(tmp_path)
    progress = Progress(directory, "evaluation", Watch(CPU))
    began, said = time.monotonic(), set()
    for done in range(501):
        progress(done, 500)
        said.add(directory.read_progress()["time"])
        time.sleep(0.002)
    assert 2 <= len(said) <= 2 + (time.monotonic() - began) / PROGRESS_SECONDS
    last = directory.read_progress()
    assert (last["step"], last["total"], last["phase"]) == (500, 500, "evaluation")


def test_a_process_that_is_asked_to_stop_goes_no_further(tmp_path):
    directory = RunDirectory(tmp_path)
    with listening(), pytest.raises(Interrupted):
        os.kill(os.getpid(), signal.SIGUSR2)
        Progress(directory, "data", Watch(CPU))(1, 1)
    assert directory.read_progress() is None


def test_a_process_that_lost_its_claim_goes_no_further(tmp_path):
    directory = RunDirectory(tmp_path)
    with directory.claim(job="7") as claim:
        progress = Progress(directory, "data", Watch(CPU, claim))
        progress(1, 3)
        Attempts(tmp_path).claim(Holder(host="elsewhere", job="7"))
        with pytest.raises(ClaimLost):
            progress(3, 3)
    assert directory.read_progress()["step"] == 1
