import json
import subprocess
import sys
import time

import pytest

from unify import environment as surroundings
from unify.config import PRESETS, signature, with_seed
from unify.config.codec import override
from unify.files import write_json
from unify.records import RecordError, RunDirectory, find_run

CONFIG = PRESETS["smoke"]()


@pytest.fixture
def directory(tmp_path):
    return create(tmp_path / "runs" / "sweep" / "N=9-abc")


def create(path, config=CONFIG):
    return RunDirectory.create(path, config, label="N=9", sweep="sweep", parents={})


def finish(directory, **content):
    result = {"signature": directory.meta()["signature"], "metrics": [], **content}
    directory.finish(result)
    return result


def test_what_was_created_is_read_back(tmp_path):
    parents = {"text": tmp_path / "runs" / "warm_start" / "text-1"}
    path = tmp_path / "runs" / "sweep" / "N=9-1"
    made = RunDirectory.create(path, CONFIG, label="N=9", sweep="sweep", parents=parents)
    again = RunDirectory(path)
    assert again.config() == CONFIG
    assert again.meta()["label"] == "N=9"
    assert again.parents() == parents
    assert made.state() == again.state() == "new"


def test_parents_are_found_after_the_runs_have_moved(tmp_path):
    parents = {"text": tmp_path / "runs" / "warm_start" / "text-1"}
    path = tmp_path / "runs" / "sweep" / "N=9-1"
    RunDirectory.create(path, CONFIG, label="N=9", sweep="sweep", parents=parents)
    (tmp_path / "runs").rename(tmp_path / "moved")
    moved = RunDirectory(tmp_path / "moved" / "sweep" / "N=9-1")
    assert moved.parents()["text"] == tmp_path / "moved" / "warm_start" / "text-1"


def test_reentry_with_another_config_is_refused_field_by_field(directory):
    with pytest.raises(RecordError, match=r"plan.epochs 10 -> 11"):
        create(directory.path, override(CONFIG, {"plan.epochs": 11}))


def test_reentry_may_change_what_is_no_part_of_the_identity(directory):
    create(directory.path, override(CONFIG, {"data.root": "/elsewhere"}))
    assert directory.config().data.root == "/elsewhere"


def test_a_run_goes_from_new_to_running_to_interrupted_to_finished(directory):
    assert directory.state() == "new"
    with directory.claim():
        assert directory.state() == "running"
    assert directory.state() == "interrupted"
    result = finish(directory)
    assert directory.state() == "interrupted"
    directory.model_path.write_bytes(b"weights")
    assert directory.state() == "finished"
    assert directory.result() == result


def test_a_failure_is_kept_until_it_is_cleared(directory):
    directory.fail(ValueError("the loss is NaN\nat step 3"))
    assert directory.state() == "failed"
    assert directory.failure()["type"] == "ValueError"
    assert directory.failure()["message"] == "the loss is NaN at step 3"
    directory.clear_failure()
    assert directory.failure() is None
    assert directory.state() == "new"


HOLD = """
import sys, time
from unify.records import RunDirectory
with RunDirectory(sys.argv[1]).claim():
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_claim_excludes_other_processes_and_ends_with_its_holder(directory):
    command = [sys.executable, "-c", HOLD, str(directory.path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout.readline() == "held\n"
        assert directory.is_claimed()
        message = f"being trained by process {other.pid} on "
        with pytest.raises(RecordError, match=message), directory.claim():
            pass
        other.kill()
    assert not directory.is_claimed()
    assert directory.state() == "interrupted"
    with directory.claim():
        pass


def test_looking_at_a_claim_does_not_take_it(directory):
    assert not directory.is_claimed()
    assert not directory.lock_path.exists()


def test_a_result_that_cannot_be_written_leaves_the_run_unfinished(directory):
    with pytest.raises(TypeError):
        directory.finish({"metrics": object()})
    assert not directory.is_finished()


def test_a_reader_never_sees_half_a_file(tmp_path):
    path = tmp_path / "value.json"
    write_json(path, {"step": 1})
    with pytest.raises(TypeError):
        write_json(path, {"step": 2, "bad": object()})
    assert json.loads(path.read_text()) == {"step": 1}
    assert [p.name for p in tmp_path.iterdir()] == ["value.json"]


def test_rows_after_a_step_can_be_dropped(directory):
    for step in range(5):
        directory.metrics_log.append(step, {"loss": 1.0 / (step + 1)})
    directory.metrics_log.truncate(2)
    assert [row["step"] for row in directory.metrics_log.rows()] == [0, 1, 2]


def test_a_row_that_was_cut_off_is_left_out(directory):
    directory.metrics_log.append(0, {"loss": 1.0})
    with directory.metrics_log.path.open("a") as file:
        file.write('{"step": 1, "lo')
    assert directory.metrics_log.rows() == [{"step": 0, "loss": 1.0}]
    directory.metrics_log.truncate(0)
    directory.metrics_log.append(1, {"loss": 0.5})
    assert [row["step"] for row in directory.metrics_log.rows()] == [0, 1]


def test_progress_carries_its_time(directory):
    before = time.time()
    directory.progress(3, 10, "training", loss=0.5)
    said = directory.read_progress()
    assert (said["step"], said["total"], said["phase"]) == (3, 10, "training")
    assert said["values"] == {"loss": 0.5}
    assert before <= said["time"] <= time.time()


@pytest.mark.parametrize("content", ["{", "[]", "{}", "null", ""])
def test_a_damaged_result_is_named(directory, content):
    directory.model_path.write_bytes(b"weights")
    directory.result_path.write_text(content)
    refused(directory, "")


def test_a_result_of_another_run_or_without_numbers_is_damaged(directory):
    directory.model_path.write_bytes(b"weights")
    finish(directory, signature="0")
    refused(directory, "result of 0, config of ")
    finish(directory, metrics=[{}])
    refused(directory, "a metric: no proper metric")
    finish(directory, metrics=[{"metric": "R@1", "value": "high"}])
    refused(directory, "a metric: no proper value")
    finish(directory, metrics=[{"metric": "R@1", "value": 1.0}])
    refused(directory, "a metric: no proper corpus")
    finish(directory, metrics=["R@1"])
    refused(directory, "a metric: no JSON object")


def refused(directory, reason):
    with pytest.raises(RecordError) as caught:
        directory.result()
    assert directory.state() == "damaged"
    assert directory.damage() == str(caught.value)
    assert f"result.json is damaged ({reason}" in directory.damage()
    assert directory.damage().endswith("delete it and run the sweep again")
    assert "\n" not in directory.damage()


@pytest.mark.parametrize("content", ["{", "[]", "{}", "null", "", '{"kind": "RunConfig"}'])
def test_a_damaged_config_is_named(directory, content):
    directory.config_path.write_text(content)
    with pytest.raises(RecordError, match=r"config\.json is damaged .* delete it"):
        create(directory.path)


def test_a_folder_that_is_no_run_is_named(tmp_path):
    with pytest.raises(RecordError, match=r"is .* a run directory"):
        RunDirectory(tmp_path).meta()


def test_a_run_is_found_by_signature_under_any_sweep_a_finished_one_first(tmp_path):
    other = with_seed(CONFIG, 1)
    first, second = signature(CONFIG), signature(other)
    create(tmp_path / "a" / f"N=9-{first}")
    made = create(tmp_path / "b" / f"default-{first}")
    finish(made)
    made.model_path.write_bytes(b"weights")
    create(tmp_path / "b" / f"other-{second}", other)
    assert find_run(tmp_path, first).path == tmp_path / "b" / f"default-{first}"
    assert find_run(tmp_path, second).path == tmp_path / "b" / f"other-{second}"
    assert find_run(tmp_path, "333333333333") is None


def test_the_environment_names_gpus(monkeypatch):
    monkeypatch.setattr(surroundings, "_output", lambda *command: "NVIDIA H200, 570.1\n")
    assert surroundings.environment()["gpus"] == ["NVIDIA H200, 570.1"]


def test_the_environment_names_packages_and_command(directory):
    directory.write_environment()
    stored = json.loads(directory.environment_path.read_text())
    assert "torch" in stored["packages"]
    assert stored["command"] == sys.argv
    assert stored["git"].keys() >= {"commit", "dirty", "untracked"}
    assert stored["cpus"] >= 1
