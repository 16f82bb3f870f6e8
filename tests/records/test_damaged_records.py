"""Records that are damaged, foreign or of another version: one line each, and no other error."""

import json

import pytest

from unify.config import PRESETS, signature, with_seed
from unify.records import RecordError, RunDirectory

CONFIG = PRESETS["smoke"]()
CONTENTS = {
    "empty": b"",
    "half": b'{"step": 1, "pha',
    "a list": b"[1]",
    "a text": b'"x"',
    "a number": b"3",
    "null": b"null",
    "no field": b'{"a": NaN}',
    "odd fields": b'{"type": 1, "message": [], "job": 3, "name": [], "folder": 4, "step": "x", '
    b'"total": null, "phase": 3, "time": "y", "values": 3, "attempt": "z", "number": "q"}',
    "brackets": b"[" * 200_000,
    "no UTF-8": b"\xff\xfe{}",
    "a newer schema": b'{"schema": 99}',
}


@pytest.fixture
def directory(tmp_path):
    return create(tmp_path)


def create(runs, seed=0):
    config = with_seed(CONFIG, seed)
    path = runs / "sweep" / f"N=9-{signature(config)}"
    return RunDirectory.create(path, config, label="N=9", sweep="sweep", parents={})


def finish(directory, **more):
    directory.model_path.write_bytes(b"weights")
    directory.finish({"signature": directory.meta()["signature"], "metrics": [], **more})


def put(path, content):
    path.parent.mkdir(exist_ok=True)
    if content is None:
        path.unlink(missing_ok=True)
        path.mkdir()
    else:
        path.write_bytes(content)


@pytest.mark.parametrize("content", [*CONTENTS.values(), None], ids=[*CONTENTS, "a folder"])
@pytest.mark.parametrize("name", ["failure", "submission", "read_progress"])
def test_a_word_about_a_run_that_cannot_be_read_is_one_line(directory, name, content):
    path = directory.path / f"{name.removeprefix('read_')}.json"
    put(path, content)
    with pytest.raises(RecordError, match=r"^[^\n]+; [^\n]+$") as caught:
        getattr(directory, name)()
    assert str(caught.value).startswith(str(path))
    assert directory.state() == ("failed" if name == "failure" else "new")


@pytest.mark.parametrize("content", [*CONTENTS.values(), None], ids=[*CONTENTS, "a folder"])
@pytest.mark.parametrize("name", ["config", "result"])
def test_a_record_that_a_run_cannot_do_without_is_damage(directory, name, content):
    finish(directory)
    path = directory.path / f"{name}.json"
    put(path, content)
    assert directory.state() == "damaged"
    assert str(path) in directory.damage() and "\n" not in directory.damage()


@pytest.mark.parametrize("content", [*CONTENTS.values(), None], ids=[*CONTENTS, "a folder"])
@pytest.mark.parametrize("name", ["heartbeat.json", "attempts/0001.json", "attempts/00x.json"])
def test_a_run_goes_on_whatever_its_lives_have_left(directory, monkeypatch, name, content):
    monkeypatch.setattr("unify.attempts.LOST_SECONDS", 0.0)
    put(directory.path / name, content)
    assert directory.state() == "new"
    assert directory.silence() is None
    with directory.claim() as claim:
        assert directory.state() == "running"
    assert directory.last_attempt() == claim.attempt


def test_a_record_of_a_newer_version_names_file_and_schema(directory):
    meta = directory.meta()
    for path in (directory.config_path, directory.result_path):
        finish(directory)
        path.write_text(json.dumps({**json.loads(path.read_text()), "schema": 2}))
        wrong = f"{path} has schema 2, of a newer version than this one, which knows 1; use the"
        assert directory.damage().startswith(wrong)
        directory.config_path.write_text(json.dumps(meta))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"plan": {"epochz": 3}}, "json: unknown field 'plan.epochz'.*use the version that wrote"),
        ({"seed": 1}, "json is damaged .its fields give signature .*delete it and run the sweep"),
    ],
)
def test_fields_that_are_not_the_runs_are_named_with_the_file(change, said, directory):
    meta = directory.meta()
    fields = {k: meta["config"][k] | v if isinstance(v, dict) else v for k, v in change.items()}
    changed = {**meta, "config": {**meta["config"], **fields}}
    directory.config_path.write_text(json.dumps(changed))
    with pytest.raises(RecordError, match=said) as caught:
        directory.config()
    assert str(directory.config_path) in str(caught.value)
    assert directory.state() == "damaged"


def test_a_config_in_another_runs_folder_is_no_result_of_it(tmp_path):
    own, other = create(tmp_path), create(tmp_path, seed=1)
    finish(other)
    for name in ("config.json", "result.json", "model.safetensors"):
        (own.path / name).write_bytes((other.path / name).read_bytes())
    assert own.state() == "damaged"
    assert f"config.json is that of run {signature(with_seed(CONFIG, 1))}" in own.damage()


@pytest.mark.parametrize(
    ("weights", "said"), [(b"", "empty"), (b"weight", "6 bytes, not 7"), (b"weights", None)]
)
def test_weights_of_another_size_are_damage(directory, weights, said):
    finish(directory, weights={"file": "model.safetensors", "bytes": 7, "sha256": ""})
    directory.model_path.write_bytes(weights)
    assert directory.state() == ("damaged" if said else "finished")
    assert not said or f"model.safetensors is damaged ({said}); delete it" in directory.damage()


def test_what_is_named_as_damaged_can_be_deleted_one_by_one(directory):
    finish(directory)
    directory.config_path.write_text("{")
    assert directory.state() == "damaged"
    directory.config_path.unlink()
    assert directory.state() == "interrupted"
    again = RunDirectory.create(directory.path, CONFIG, label="N=9", sweep="sweep", parents={})
    assert again.state() == "finished"
