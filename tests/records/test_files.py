"""Files that are either whole or absent, whatever ends their writer."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from unify.files import opened_atomically, remove_dead_drafts

WRITING = """
import sys, time
from pathlib import Path
from unify.files import opened_atomically
with opened_atomically(Path(sys.argv[1])) as file:
    file.write(b"half")
    file.flush()
    print("writing", flush=True)
    time.sleep(600)
"""
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def writer(tmp_path):
    """A process that is writing `folder/name.mp4`."""
    command = [sys.executable, "-c", WRITING, str(tmp_path / "folder" / "name.mp4")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT) as process:
        assert process.stdout.readline() == b"writing\n"
        yield process
        process.kill()


def test_what_a_killed_process_was_writing_is_removed_and_nothing_else(tmp_path, writer):
    folder = tmp_path / "folder"
    (folder / ".hidden.1").write_text("mine")
    (folder / ".notes.draft").write_text("mine")
    (draft,) = folder.glob(".name.mp4.*")
    remove_dead_drafts(tmp_path)
    assert draft.exists()  # its writer lives
    os.kill(writer.pid, signal.SIGKILL)
    writer.wait()
    assert draft.exists()
    remove_dead_drafts(tmp_path)
    assert sorted(path.name for path in folder.iterdir()) == [".hidden.1", ".notes.draft"]


def test_what_another_machine_is_writing_is_removed_a_day_later_alone(tmp_path, writer):
    (own,) = (tmp_path / "folder").glob(".name.mp4.*")
    writer.kill()
    writer.wait()
    pid = own.name.split(".")[-2]
    other = own.rename(own.with_name(f".name.mp4.another-machine.{pid}.draft"))
    remove_dead_drafts(tmp_path)
    assert other.exists()
    for hours in (23, 25):
        then = time.time() - hours * 3600
        os.utime(other, (then, then))
        remove_dead_drafts(tmp_path)
        assert other.exists() == (hours == 23)


def test_a_file_that_could_not_be_written_leaves_nothing_behind(tmp_path):
    with pytest.raises(RuntimeError), opened_atomically(tmp_path / "a.mp4"):
        raise RuntimeError
    assert not list(tmp_path.iterdir())
