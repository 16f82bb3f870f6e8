import os
import signal
import sys
from types import ModuleType

import pytest

from experiments import evaluate, run
from experiments.job import execute, execute_copied
from unify.attempts import ClaimLost
from unify.config import PRESETS, signature
from unify.interruption import Interrupted, listening
from unify.records import RecordError, RunDirectory

SIGNALS = {"is told to stop": signal.SIGTERM, "is warned": signal.SIGUSR2}


@pytest.fixture
def trained(monkeypatch):
    """Directories that the runner was given; it fails for the label `fails`."""
    seen = []

    def runner(directory, claim=None):
        seen.append(directory.path)
        label = directory.meta()["label"]
        if label == "fails":
            raise ValueError("the loss is NaN\nat step 3")
        if label in SIGNALS:
            os.kill(os.getpid(), SIGNALS[label])
            raise RuntimeError("a loader process died")
        if label == "stops":
            raise Interrupted(signal.SIGTERM)
        if label == "loses":
            raise ClaimLost("another process has taken the run over")
        if label == "loses and fails":
            later = directory.path / "attempts" / "0002.json"
            later.write_text('{"number": 2, "host": "elsewhere", "pid": 1}')
            raise FileNotFoundError("its checkpoint was deleted")
        finish(directory)

    module = ModuleType("unify.runs.runner")
    module.run = runner
    monkeypatch.setitem(sys.modules, module.__name__, module)
    return seen


def finish(directory):
    directory.model_path.write_bytes(b"weights")
    directory.finish({**directory.meta(), "metrics": []})


def create(runs, label="N=9"):
    config = PRESETS["smoke"]()
    path = runs / "sweep" / f"{label}-{signature(config)}"
    return RunDirectory.create(path, config, label=label, sweep="sweep", parents={})


def test_a_run_is_claimed_trained_and_described(tmp_path, trained):
    directory = create(tmp_path)
    execute(str(directory.path))
    assert trained == [directory.path]
    assert directory.environment_path.exists()
    assert not directory.is_claimed()


def test_a_finished_run_is_left_as_it_is(tmp_path, trained):
    directory = create(tmp_path)
    finish(directory)
    execute(str(directory.path))
    assert trained == []


def test_a_finished_run_without_weights_is_trained_again(tmp_path, trained):
    directory = create(tmp_path)
    finish(directory)
    directory.model_path.unlink()
    assert directory.state() == "interrupted"
    execute(str(directory.path))
    assert trained == [directory.path]
    assert directory.state() == "finished"


def test_a_claimed_run_is_not_trained_twice(tmp_path, trained):
    directory = create(tmp_path)
    with directory.claim(), pytest.raises(RecordError, match="is being trained by process"):
        execute(str(directory.path))
    assert trained == []
    assert directory.failure() is None


def test_a_failure_is_recorded_in_one_line_with_the_traceback_in_the_log(tmp_path, trained):
    directory = create(tmp_path, "fails")
    with pytest.raises(ValueError, match="the loss is NaN"):
        execute_copied(str(directory.path))
    assert directory.failure()["message"] == "the loss is NaN at step 3"
    assert "Traceback" in directory.log_path.read_text()


@pytest.mark.parametrize("label", ["stops", *SIGNALS])
def test_a_run_that_is_asked_to_stop_has_not_failed(tmp_path, trained, label):
    directory = create(tmp_path, label)
    with listening(), pytest.raises(Interrupted):
        execute(str(directory.path))
    assert directory.failure() is None
    assert directory.last_attempt().ended == "stopped"
    assert directory.state() == "interrupted"


@pytest.mark.parametrize("label", ["loses", "loses and fails"])
def test_a_run_that_another_process_has_taken_over_is_left_to_it(tmp_path, trained, label):
    directory = create(tmp_path, label)
    with pytest.raises(ClaimLost):
        execute(str(directory.path))
    assert directory.failure() is None


def test_a_failure_of_another_rank_names_it(tmp_path, trained, monkeypatch):
    monkeypatch.setenv("RANK", "1")
    directory = create(tmp_path, "fails")
    with pytest.raises(ValueError, match="NaN"):
        execute(str(directory.path))
    assert directory.failure()["message"] == "rank 1: the loss is NaN at step 3"


def test_other_ranks_train_without_keeping_records(tmp_path, trained, monkeypatch):
    monkeypatch.setenv("RANK", "1")
    directory = create(tmp_path)
    with directory.claim():
        execute(str(directory.path))
    assert trained == [directory.path]
    assert not directory.environment_path.exists()


def test_run_by_hand_makes_its_warm_starts_first(tmp_path, trained, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert run.main(["--preset", "smoke", "--seed", "3", "--set", "model.stem_depth=2"]) == 0
    assert [path.parent.name for path in trained] == ["warm_start", "warm_start", "by_hand"]
    config = RunDirectory(trained[-1]).config()
    assert (config.seed, config.model.stem_depth) == (3, 2)
    capsys.readouterr()
    assert run.main(["--dir", str(trained[-1])]) == 0
    assert "was already finished" in capsys.readouterr().out
    assert len(trained) == 3


@pytest.mark.parametrize("name", ["config.json", "result.json"])
@pytest.mark.parametrize("content", ["{", "{}", "[]", "null", ""])
def test_a_damaged_file_is_named_in_one_line(tmp_path, trained, capsys, name, content):
    directory = create(tmp_path)
    finish(directory)
    (directory.path / name).write_text(content)
    assert run.main(["--dir", str(directory.path)]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert f"{name} is damaged" in line
    assert "delete it and run the sweep again" in line
    assert evaluate.main([str(directory.path), "msrvtt"]) == 2
    assert f"{name} is damaged" in capsys.readouterr().err
    assert trained == []


def test_an_output_that_cannot_be_written_is_one_line(monkeypatch, capsys):
    monkeypatch.setattr(evaluate, "_evaluate", lambda options: {"metrics": [], "coverage": {}})
    assert evaluate.main(["run", "msrvtt", "--output", "/proc/x.json"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "--output /proc/x.json: " in line


def test_a_run_by_hand_keeps_the_seed_that_was_set(tmp_path, trained, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run.main(["--preset", "smoke", "--set", "seed=3"]) == 0
    assert RunDirectory(trained[-1]).config().seed == 3


def test_a_run_by_hand_that_fails_says_so_in_one_line(tmp_path, trained, capsys):
    directory = create(tmp_path, "fails")
    assert run.main(["--dir", str(directory.path)]) == 1
    line = capsys.readouterr().err.splitlines()[-1]
    assert "failed: ValueError: the loss is NaN at step 3" in line
    assert str(directory.log_path) in line
