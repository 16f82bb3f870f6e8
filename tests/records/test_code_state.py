"""The state of the code, with a real git."""

import subprocess

import pytest

from unify.code_state import code_state


def git(folder, *arguments):
    identity = ["-c", "user.name=a", "-c", "user.email=a@b"]
    command = ["git", "-C", str(folder), *identity, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def checkout(tmp_path):
    (tmp_path / "a.py").write_text("one\n")
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-q", "-m", "first")
    return tmp_path


def test_a_clean_checkout_is_its_commit(checkout):
    commit = git(checkout, "rev-parse", "HEAD")
    assert code_state(checkout) == {
        "commit": commit,
        "dirty": False,
        "untracked": [],
        "diff": "",
    }


def test_changes_and_new_files_are_recorded(checkout):
    (checkout / "a.py").write_text("two\n")
    (checkout / "new").mkdir()
    (checkout / "new" / "b.py").write_text("")
    state = code_state(checkout)
    assert state["dirty"]
    assert state["untracked"] == ["new/b.py"]
    assert "-one\n+two" in state["diff"]


def test_without_git_nothing_is_known(tmp_path):
    assert code_state(tmp_path) == {"commit": "", "dirty": False, "untracked": [], "diff": ""}
