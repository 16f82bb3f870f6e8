"""A whole run from an empty folder, as a user starts it."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from processes import CLUSTER
from safetensors.torch import load_file

from unify.files import read_json
from unify.records import RunDirectory
from unify.systems.trained import load_model

ROOT = Path(__file__).resolve().parents[2]
METRICS = ("R@1", "R@5", "R@10", "MedR", "MeanR")
STEPS = 10


def call(folder, script, *arguments):
    """Standard output of one of our commands."""
    environment = {k: v for k, v in os.environ.items() if k not in CLUSTER}
    command = [sys.executable, str(ROOT / "experiments" / script), *map(str, arguments)]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def smoke(folder, *arguments):
    places = ["--runs", folder / "runs", "--data-root", folder / "data"]
    return call(folder, "run.py", "--preset", "smoke", *places, *arguments)


def only_run(folder, pattern):
    (path,) = folder.glob(f"runs/*/{pattern}-????????????")
    return RunDirectory(path)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("smoke")
    smoke(made)
    return made


@pytest.fixture(scope="module")
def directory(folder):
    return only_run(folder, "run")


def test_the_result_has_every_metric_of_both_directions(directory):
    result = directory.result()
    rows = result["metrics"]
    found = {(row["direction"], row["representation"], row["metric"]) for row in rows}
    directions, representations = ("t2v", "v2t"), ("latent", "lexicon", "fused")
    expected = {(d, r, m) for d in directions for r in representations for m in METRICS}
    assert found == expected
    assert len(rows) == len(expected)
    assert {(row["corpus"], row["split"]) for row in rows} == {("msrvtt", "test_1ka")}
    assert all(0 <= row["value"] <= 100 for row in rows)
    assert result["steps"] == STEPS
    assert result["seconds"]["total"] >= result["seconds"]["training"] > 0
    assert set(result["lexicon"]) == {"msrvtt/test_1ka"}


def test_the_log_has_each_step_once_and_masks_words_in_stage_2_only(directory):
    rows = directory.metrics()
    assert [row["step"] for row in rows] == list(range(STEPS))
    assert [row["step"] for row in rows if "mlm" in row] == list(range(3, STEPS))
    assert all(torch.isfinite(torch.tensor(row["loss"])) for row in rows)


def test_tensorboard_and_the_weights_are_kept_and_checkpoints_are_not(directory):
    assert list(directory.tensorboard.rglob("events.out.tfevents.*"))
    model = load_model(directory)
    assert all(torch.isfinite(value).all() for value in model.parameters())
    assert not directory.checkpoints.exists()


def test_samples_come_with_a_preview_of_every_clip_that_they_name(directory):
    samples = read_json(directory.samples_path)
    assert samples["place"] == "msrvtt/test_1ka"
    assert samples["queries"]
    previews = {path.stem for path in directory.previews.iterdir()}
    assert previews == set(samples["captions"])


def test_both_warm_starts_are_finished_runs(folder):
    for part in ("text", "video"):
        start = only_run(folder, part)
        assert start.is_finished()
        assert {row["metric"] for row in start.result()["metrics"]} >= {"loss"}
        assert start.model_path.exists()


def test_a_second_call_says_that_the_run_is_finished(folder, directory):
    stamps = {path: path.stat().st_mtime_ns for path in directory.path.rglob("*.json*")}
    start = time.monotonic()
    said = smoke(folder)
    assert time.monotonic() - start < 5
    assert f"{directory.path}: was already finished" in said
    assert {path: path.stat().st_mtime_ns for path in stamps} == stamps


def test_evaluating_the_run_again_gives_the_same_metrics(folder, directory):
    said = call(folder, "evaluate.py", directory.path, "msrvtt").splitlines()
    lines = {tuple(line.split()[:4]): line.split()[4:] for line in said[1:] if line.strip()}
    shown = said[0].split()[4:]
    rows = directory.result()["metrics"]
    assert len(lines) * len(shown) == len(rows)
    for row in rows:
        place = row["corpus"], row["split"], row["direction"], row["representation"]
        assert lines[place][shown.index(row["metric"])] == f"{row['value']:.1f}"


@pytest.mark.slow
def test_a_run_that_stays_in_stage_1_ends_with_the_warm_starts_lexicon_text_branch(folder):
    smoke(folder, "--label", "grounded", "--set", "plan.grounding_epochs=10")
    weights = load_file(only_run(folder, "grounded").model_path)
    start = load_file(only_run(folder, "text").model_path)
    rows = torch.searchsorted(start["entries"], weights["text.embeddings.vocabulary.ids"])
    pairs = {
        "text.stem.blocks.8.output.dense.weight": "bert.encoder.layer.8.output.dense.weight",
        "text.branches.lexicon.blocks.2.output.LayerNorm.bias": (
            "bert.encoder.layer.11.output.LayerNorm.bias"
        ),
        "lexicon_head.transform.dense.weight": "cls.predictions.transform.dense.weight",
    }
    for ours, theirs in pairs.items():
        assert torch.equal(weights[ours], start[theirs]), ours
    words = start["bert.embeddings.word_embeddings.weight"][rows]
    assert torch.equal(weights["text.embeddings.bert.word_embeddings.weight"], words)
    latent = "text.branches.latent.blocks.2.output.dense.weight"
    assert not torch.equal(weights[latent], start["bert.encoder.layer.11.output.dense.weight"])
