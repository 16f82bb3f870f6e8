import pytest

from experiments.base import base_config
from experiments.preflight import missing


@pytest.fixture
def root(tmp_path):
    for folder in ("CC3M", "WebVid", "MSRVTT"):
        (tmp_path / folder).mkdir()
    return tmp_path


def test_a_data_root_with_all_corpora_is_accepted(root):
    assert missing(base_config("paper", {}, root)) is None


def test_a_corpus_that_is_only_evaluated_on_is_needed_too(root):
    (root / "MSRVTT").rmdir()
    line = missing(base_config("paper", {}, root))
    assert "MSRVTT is missing: msrvtt is expected there as MSRVTT_data.json" in line


@pytest.mark.parametrize("part", ["text", "video"])
def test_weights_that_are_a_path_must_exist(root, part):
    changes = {f"init.{part}_weights": "/weights/nowhere"}
    line = missing(base_config("paper", changes, root))
    assert f"init.{part}_weights=/weights/nowhere is missing" in line
    assert missing(base_config("paper", {f"init.{part}_weights": "owner/name"}, root)) is None


def test_a_miniature_world_needs_nothing(tmp_path):
    assert missing(base_config("mini", {}, tmp_path / "nowhere")) is None


def test_the_data_root_is_absolute(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert base_config("mini", {}).data.root == str(tmp_path / "data/mini")
    assert base_config("mini", {"data.root": "here"}).data.root == str(tmp_path / "here")
