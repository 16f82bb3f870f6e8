"""Signals while a run listens."""

import os
import signal
import subprocess
import threading
import time

import pytest

from unify.interruption import SIGNALS, Interrupted, asked, at_once, check, listening
from unify.processes import helpers


@pytest.mark.parametrize("first", SIGNALS)
def test_a_signal_is_remembered_and_a_second_changes_nothing(first):
    with listening():
        assert asked() is None
        check()
        os.kill(os.getpid(), first)
        for other in set(SIGNALS) - {signal.SIGINT}:
            os.kill(os.getpid(), other)
        assert asked() == first
        with pytest.raises(Interrupted, match=f"^asked to stop by {first.name}$") as caught:
            check()
        assert caught.value.signal == first
    assert asked() is None


def test_a_second_ctrl_c_stops_at_once():
    with listening():
        os.kill(os.getpid(), signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)


def test_what_a_shell_lets_a_process_ignore_stays_ignored():
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with listening():
            os.kill(os.getpid(), signal.SIGINT)
            assert asked() is None
    finally:
        signal.signal(signal.SIGINT, before)


def test_what_signals_did_before_they_do_again():
    def handler(number, frame):
        raise AssertionError

    before = {number: signal.signal(number, handler) for number in SIGNALS}
    try:
        with pytest.raises(KeyError), listening():
            os.kill(os.getpid(), signal.SIGTERM)
            raise KeyError
        assert [signal.getsignal(number) for number in SIGNALS] == [handler] * len(SIGNALS)
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
    ready.send("ready")
    time.sleep(60)


def test_a_helper_is_ended_by_its_parent_alone():
    ours, other = helpers().Pipe(duplex=False)
    process = helpers().Process(target=lasting, args=(other,))
    process.start()
    for moment in ("while it starts", "later"):
        for name in ("TERM", "USR2", "INT"):
            subprocess.run(["kill", f"-{name}", str(process.pid)], check=True)
        assert moment == "later" or ours.recv() == "ready"
    process.join(0.5)
    assert process.is_alive()
    process.terminate()
    process.join(10)
    assert not process.is_alive()


def test_starting_helpers_leaves_this_process_able_to_hear():
    with listening():
        process = helpers().Process(target=print)
        process.start()
        os.kill(os.getpid(), signal.SIGUSR2)
        assert asked() == signal.SIGUSR2
        process.join()


@pytest.mark.parametrize("number", SIGNALS)
def test_where_nothing_is_left_behind_a_signal_ends_it_at_once(number):
    with listening():
        with pytest.raises(Interrupted), at_once():
            os.kill(os.getpid(), number)
            time.sleep(5)
        os.kill(os.getpid(), signal.SIGTERM)
        with pytest.raises(Interrupted), at_once():
            pytest.fail("it was asked to stop before")
