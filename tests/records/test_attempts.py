"""One writer per run, on one host and on several."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from unify import attempts
from unify.attempts import Attempts, ClaimLost, Held, Holder
from unify.config import PRESETS
from unify.interruption import Interrupted, listening
from unify.records import RecordError, RunDirectory

ROOT = Path(__file__).resolve().parents[2]
HERE = Holder().host


@pytest.fixture
def directory(tmp_path):
    config = PRESETS["smoke"]()
    return RunDirectory.create(tmp_path / "N=9-abc", config, label="N=9", sweep="s", parents={})


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr(attempts, "BEAT_SECONDS", 0.1)
    monkeypatch.setattr(attempts, "LOOK_SECONDS", 0.05)
    monkeypatch.setattr(attempts, "LOST_SECONDS", 1.0)


@pytest.fixture
def start(tmp_path):
    """Starts `holder.py`, which says that it is ready; all are ended with the test."""
    started = []

    def one(host, beat=0.1, lost=2.0):
        command = [sys.executable, str(Path(__file__).with_name("holder.py")), str(tmp_path), host]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        environment = os.environ | {"PYTHONPATH": str(ROOT)}
        process = subprocess.Popen([*command, str(beat), str(lost)], env=environment, **pipes)
        started.append(process)
        return process

    yield one
    for process in started:
        process.kill()
        process.communicate()


def says(process):
    return process.stdout.readline().strip()


def begun(process):
    assert says(process) == "ready"
    return says(process)


def test_every_life_of_a_run_is_numbered_and_says_how_it_ended(directory):
    assert directory.last_attempt() is None
    with directory.claim(job="7_1", processes=4, code="abc") as claim:
        lives = directory.last_attempt()
        assert (lives.number, lives.job, lives.processes, lives.code) == (1, "7_1", 4, "abc")
        assert (lives.host, lives.pid, lives.ended) == (HERE, os.getpid(), None)
        claim.end("preempted", "by a signal")
        assert directory.last_attempt().ended == "preempted"
    with pytest.raises(KeyError), directory.claim():
        raise KeyError
    with directory.claim():
        pass
    names = sorted(path.name for path in (directory.path / "attempts").iterdir())
    assert names == ["0001.json", "0002.json", "0003.json"]
    found = [json.loads((directory.path / "attempts" / name).read_text()) for name in names]
    assert [each["ended"] for each in found] == ["preempted", "stopped", "finished"]
    assert [each["note"] for each in found] == ["by a signal", "", ""]
    assert all(each["started"] <= each["ended_at"] <= time.time() for each in found)


def test_an_attempt_that_was_killed_has_no_end_and_its_host_goes_on_at_once(tmp_path, start):
    killed = start(HERE)
    assert begun(killed) == "held"
    killed.kill()
    killed.wait()
    book = Attempts(tmp_path)
    assert book.last().ended is None
    with book.claim(Holder()) as claim:
        assert claim.attempt.number == 2


def test_the_next_life_of_a_job_begins_at_once_wherever_it_is(tmp_path, monkeypatch):
    monkeypatch.setattr(attempts.time, "sleep", None)  # would be needed to wait
    book = Attempts(tmp_path)
    first = book.claim(Holder(host="a", job="7"))
    assert book.claim(Holder(host="b", job="7")).attempt.number == 2
    assert first.lost


def test_a_run_that_beats_on_another_host_is_refused_and_named(tmp_path, start, quick):
    assert begun(start("far")) == "held"
    with pytest.raises(Held, match=r"^process \d+ on far$"):
        Attempts(tmp_path).claim(Holder(host="near"))


def test_a_run_directory_names_the_process_on_another_host(directory, monkeypatch, quick):
    with Attempts(directory.path).claim(Holder(host="far", pid=12, job="101_3")):
        assert directory.is_claimed() and directory.state() == "running"
        message = r"being trained by process 12 on far \(job 101_3\); wait for it"
        with pytest.raises(RecordError, match=message), directory.claim():
            pass
    assert not directory.is_claimed()


def test_a_run_whose_heartbeat_stands_still_is_taken_over(tmp_path, start, quick):
    killed = start("far")
    assert begun(killed) == "held"
    killed.kill()
    killed.wait()
    assert Attempts(tmp_path).beats_elsewhere("near")  # for all that can be seen at once
    began = time.monotonic()
    assert Attempts(tmp_path).claim(Holder(host="near")).attempt.number == 2
    assert time.monotonic() - began >= attempts.LOST_SECONDS


def test_an_attempt_that_died_while_it_was_being_written_is_taken_over(tmp_path, quick):
    (tmp_path / "attempts").mkdir()
    (tmp_path / "attempts" / "0001.json").touch()
    assert Attempts(tmp_path).claim(Holder(host="near")).attempt.number == 2


def test_an_attempt_that_ends_while_it_is_watched_is_followed_by_the_next(tmp_path, start):
    first = start("far", beat=30, lost=60)
    assert begun(first) == "held"
    second = start("near", beat=1, lost=60)
    assert says(second) == "ready"
    time.sleep(2)
    print(file=first.stdin, flush=True)
    assert says(first) == "ended"
    assert says(second) == "held"


def test_of_many_that_start_at_once_on_as_many_hosts_one_wins(tmp_path, start):
    started = [start(f"host{k}", lost=20) for k in range(5)]
    assert [says(process) for process in started] == ["ready"] * 5
    said = sorted(says(process) for process in started)
    assert said[0] == "held"
    winner = Attempts(tmp_path).last()
    assert winner.number == 1
    assert said[1:] == [f"refused: {winner}"] * 4


def test_of_many_that_find_a_dead_one_at_once_one_takes_over(tmp_path, start):
    dead = start("dead")
    assert begun(dead) == "held"
    dead.kill()
    dead.wait()
    started = [start(f"host{k}") for k in range(4)]
    assert [says(process) for process in started] == ["ready"] * 4
    said = sorted(says(process) for process in started)
    winner = Attempts(tmp_path).last()
    assert winner.number == 2
    assert said == ["held", *[f"refused: {winner}"] * 3]


def test_one_that_hung_and_wakes_after_being_taken_over_stops_without_writing(tmp_path, start):
    hung = start("far")
    assert begun(hung) == "held"
    hung.send_signal(signal.SIGSTOP)
    assert begun(start("near")) == "held"
    record = (tmp_path / "attempts" / "0001.json").read_bytes()
    written = (tmp_path / "far.txt").read_text().count("\n")
    hung.send_signal(signal.SIGCONT)
    assert says(hung) == "lost"
    hung.wait()
    assert (tmp_path / "far.txt").read_text().count("\n") <= written + 1  # the line it was at
    assert (tmp_path / "attempts" / "0001.json").read_bytes() == record
    assert json.loads((tmp_path / "heartbeat.json").read_text())["attempt"] == 2


def test_a_claim_that_was_lost_says_so_and_to_whom(tmp_path):
    book = Attempts(tmp_path)
    with book.claim(Holder(host="a", job="7")) as claim:
        claim.check()
        book.claim(Holder(host="b", pid=12, job="7"))
        with pytest.raises(ClaimLost, match=r"^process 12 on b \(job 7\) has taken the run over"):
            claim.check()
        claim.end("failed")
    assert json.loads((tmp_path / "attempts" / "0001.json").read_text())["ended"] is None


def test_one_that_is_asked_to_stop_while_it_watches_another_leaves(tmp_path, start):
    assert begun(start("far", beat=60, lost=60)) == "held"
    with listening(), pytest.raises(Interrupted):
        os.kill(os.getpid(), signal.SIGTERM)
        Attempts(tmp_path).claim(Holder(host="near"))


@pytest.mark.parametrize("skew", [-60, 0, 60])
def test_a_clock_that_is_a_minute_off_hides_nobody(directory, monkeypatch, skew):
    with Attempts(directory.path).claim(Holder(host="far")):
        now = time.time()
        monkeypatch.setattr(attempts.time, "time", lambda: now + skew)
        assert directory.is_claimed()
        monkeypatch.setattr(attempts.time, "time", lambda: now + attempts.LOST_SECONDS + 1)
        assert not directory.is_claimed()


def test_a_heartbeat_of_this_host_is_no_claim_without_its_lock(directory):
    with Attempts(directory.path).claim(Holder()):
        assert not directory.is_claimed()


def test_a_run_of_before_there_were_attempts_reads_as_before(directory):
    directory.lock_path.touch()
    assert directory.state() == "interrupted"
    assert directory.last_attempt() is None
    with directory.claim() as claim:
        assert claim.attempt.number == 1


def test_the_first_process_that_fails_says_why(directory):
    directory.fail(ValueError("bad\nclip"), rank=3)
    directory.fail(RuntimeError("Connection closed by peer"))
    assert directory.failure()["type"] == "ValueError"
    assert directory.failure()["message"] == "rank 3: bad clip"
    directory.clear_failure()
    directory.fail(RuntimeError("again"))
    assert directory.failure()["message"] == "again"


def test_what_was_submitted_is_read_back(directory):
    assert directory.submission() is None
    said = {"job": "101_3", "name": "a-1", "sweep": "a", "folder": "/jobs/a-1", "time": 1.5}
    directory.write_submission(said)
    assert RunDirectory(directory.path).submission() == said
