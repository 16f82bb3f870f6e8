import shutil

import pytest

from experiments.base import base_config
from experiments.plan import make_plan
from experiments.preflight import check_ready, missing
from experiments.registry import SWEEPS
from unify.config import fine_tuned, signature
from unify.config.errors import ConfigError


@pytest.fixture
def root(tmp_path):
    """Folders of the corpora, the test set of MSR-VTT with all its clips."""
    for folder in ("CC3M", "WebVid", "MSRVTT/videos/all"):
        (tmp_path / folder).mkdir(parents=True)
    clips = [f"video{k}" for k in range(7010, 8010)]
    for clip in clips:
        (tmp_path / f"MSRVTT/videos/all/{clip}.mp4").touch()
    rows = [f"ret{k},msr{k},{clip},someone sings" for k, clip in enumerate(clips)]
    table = tmp_path / "MSRVTT" / "MSRVTT_JSFUSION_test.csv"
    table.write_text("\n".join(["key,vid_key,video_id,sentence", *rows]))
    return tmp_path


def test_a_test_set_that_lacks_clips_is_said_before_the_training(root):
    (root / "MSRVTT/videos/all/video7777.mp4").unlink()
    assert "lacks 1 of 1000 clips, video7777.mp4 first" in missing(base_config("paper", {}, root))
    assert missing(base_config("paper", {"evaluation.incomplete": "true"}, root)) is None


def test_a_fine_tuning_needs_its_validation_split_too(root):
    base = base_config("paper", {"evaluation.incomplete": "true"}, root)
    movie = root / "LSMDC" / "videos" / "0001_American_Beauty"
    movie.mkdir(parents=True)
    table = root / "LSMDC" / "LSMDC16_challenge_1000_publictect.csv"
    clip = "0001_American_Beauty_00.00.51.926-00.00.54.129"
    table.write_text(f"{clip}\t0\t1\t0\t1\tSomeone smiles.\n")
    (movie / f"{clip}.avi").touch()
    assert "LSMDC16_annos_val.csv is missing" in missing(fine_tuned(base, "lsmdc"))


def test_a_data_root_with_all_corpora_is_accepted(root):
    assert missing(base_config("paper", {}, root)) is None


def test_a_corpus_that_is_only_evaluated_on_is_needed_too(root):
    shutil.rmtree(root / "MSRVTT")
    line = missing(base_config("paper", {}, root))
    assert "MSRVTT is missing: msrvtt is expected there as MSRVTT_data.json" in line


@pytest.mark.parametrize("part", ["text", "video"])
def test_weights_that_are_a_path_must_exist(root, part):
    changes = {f"init.{part}_weights": "/weights/nowhere"}
    line = missing(base_config("paper", changes, root))
    assert f"/weights/nowhere (init.{part}_weights) is missing" in line
    assert missing(base_config("paper", {f"init.{part}_weights": "owner/name"}, root)) is None


def test_weights_in_a_folder_are_the_same_run_wherever_it_lies(root):
    base = base_config("paper", {}, root)
    moved = base_config("paper", {"init.weights_root": str(root / "weights")}, root)
    assert signature(moved) == signature(base)
    assert "weights/bert-base-uncased (init.text_weights) is missing" in missing(moved)
    (root / "weights/bert-base-uncased").mkdir(parents=True)
    file = root / f"weights/{base.init.video_weights}.safetensors"
    assert f"{file} (init.video_weights) is missing" in missing(moved)
    file.touch()
    assert missing(moved) is None


def test_a_miniature_world_needs_nothing(tmp_path):
    assert missing(base_config("mini", {}, tmp_path / "nowhere")) is None


def test_the_data_root_is_absolute(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert base_config("mini", {}).data.root == str(tmp_path / "data/mini")
    assert base_config("mini", {"data.root": "here"}).data.root == str(tmp_path / "here")


@pytest.mark.parametrize("preset", ["mini", "paper"])
def test_a_decoder_that_is_not_installed_is_said_before_the_start(preset, root, monkeypatch):
    monkeypatch.setattr("experiments.preflight.find_spec", lambda name: None)
    line = missing(base_config(preset, {"data.decoder": "torchcodec"}, root))
    assert line.startswith("torchcodec (data.decoder) is not installed; pip install torchcodec")
    assert missing(base_config(preset, {"data.decoder": "av"}, root)) is None


@pytest.fixture
def plan(tmp_path):
    base = base_config("smoke", {})
    return make_plan(SWEEPS["stem_depth"], base, preset="smoke", runs=tmp_path, only=["N=9"])


def test_a_batch_that_does_not_divide_over_the_processes_is_refused(plan):
    check_ready(plan, 4)
    with pytest.raises(ConfigError, match="batches of 16 do not divide over 3 processes"):
        check_ready(plan, 3)
