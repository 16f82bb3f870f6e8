"""Signals while a run listens."""

import multiprocessing
import os
import signal
import subprocess
import threading
import time

import pytest

from unify.interruption import SIGNALS, Interrupted, asked, check, listening, obey_parent, shielded


@pytest.mark.parametrize("first", SIGNALS)
def test_a_signal_is_remembered_and_a_second_changes_nothing(first):
    with listening():
        assert asked() is None
        check()
        os.kill(os.getpid(), first)
        for other in SIGNALS:
            os.kill(os.getpid(), other)
        assert asked() == first
        with pytest.raises(Interrupted, match=f"^asked to stop by {first.name}$") as caught:
            check()
        assert caught.value.signal == first
    assert asked() is None


def test_what_signals_did_before_they_do_again():
    def handler(number, frame):
        raise AssertionError

    before = {number: signal.signal(number, handler) for number in SIGNALS}
    try:
        with pytest.raises(KeyError), listening():
            os.kill(os.getpid(), signal.SIGTERM)
            raise KeyError
        assert [signal.getsignal(number) for number in SIGNALS] == [handler] * 2
    finally:
        for number, action in before.items():
            signal.signal(number, action)


def test_outside_the_main_thread_signals_keep_their_action():
    found = []

    def look():
        with listening():
            found.extend(signal.getsignal(number) for number in SIGNALS)

    before = [signal.getsignal(number) for number in SIGNALS]
    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    assert found == before


def lasting(ready):
    obey_parent()
    ready.send("ready")
    time.sleep(60)


def test_a_process_started_shielded_ends_by_its_parents_word_alone():
    context = multiprocessing.get_context("spawn")
    ours, other = context.Pipe(duplex=False)
    with shielded():
        process = context.Process(target=lasting, args=(other,))
        process.start()
    for number in ("TERM", "USR2"):  # the one while it starts, the other once it has
        subprocess.run(["kill", f"-{number}", str(process.pid)], check=True)
        assert number == "USR2" or ours.recv() == "ready"
    process.join(0.5)
    assert process.is_alive()
    process.terminate()
    process.join()
    assert process.exitcode == 0


def test_what_comes_while_processes_start_is_not_forgotten():
    with listening():
        with shielded():
            os.kill(os.getpid(), signal.SIGUSR2)
            assert asked() is None
        assert asked() == signal.SIGUSR2
