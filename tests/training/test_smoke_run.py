"""A whole run from an empty folder, as a user starts it."""

import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from processes import CLUSTER
from safetensors.torch import load_file

from unify.config.codec import override
from unify.data.corpora import load_corpus
from unify.evaluation.retrieval import metric_rows
from unify.evaluation.retriever import of_run
from unify.files import read_json
from unify.records import RunDirectory
from unify.systems.trained import load_model
from unify.training.fine_tuning import hold_out

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


def places(folder):
    return ["--preset", "smoke", "--runs", folder / "runs", "--data-root", folder / "data"]


def smoke(folder, *arguments):
    return call(folder, "run.py", *places(folder), *arguments)


def start(folder, script, *arguments):
    """A script, in a group of processes of its own."""
    environment = {k: v for k, v in os.environ.items() if k not in CLUSTER}
    environment["PYTHONPATH"] = str(ROOT)
    command = [sys.executable, str(ROOT / script), *map(str, arguments)]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    return subprocess.Popen(command, cwd=folder, env=environment, start_new_session=True, **quiet)


def found(folder, pattern):
    return [RunDirectory(path) for path in folder.glob(f"runs/*/{pattern}-????????????")]


def only_run(folder, pattern):
    (directory,) = found(folder, pattern)
    return directory


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
    rows = directory.metrics_log.rows()
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


@pytest.mark.slow
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
def test_evaluating_by_hand_is_what_the_sweeps_of_other_corpora_do(folder, directory):
    call(folder, "sweep.py", "transfer", *places(folder), "--only", "didemo_zero_shot")
    call(folder, "sweep.py", "action_recognition", *places(folder), "--only", "ucf101")
    made = [only_run(folder, name).result() for name in ("didemo_zero_shot", "ucf101")]
    output = folder / "by_hand.json"
    call(folder, "evaluate.py", directory.path, "didemo", "ucf101", "--output", output)
    by_hand = read_json(output)
    assert by_hand["metrics"] == [row for result in made for row in result["metrics"]]
    assert by_hand["actions"] == made[1]["actions"]
    assert len(by_hand["coverage"]) == 4
    assert all(coverage["whole"] for coverage in by_hand["coverage"].values())


@pytest.fixture(scope="module")
def tuned(folder, directory):
    call(folder, "sweep.py", "msrvtt", *places(folder), "--only", "fine_tuned")
    return only_run(folder, "fine_tuned")


@pytest.mark.slow
def test_fine_tuning_starts_from_the_finished_run_and_holds_clips_out(tuned, directory):
    assert tuned.parents()["pretrained"] == directory.path
    result, tuning = tuned.result(), tuned.config()
    held = tuning.validation.clips
    assert result["examples"] == {"msrvtt": tuning.world.msrvtt_train_clips - held}
    assert result["validation"]["clips"] == held
    assert result["validation"]["place"] == "msrvtt, held out of training"
    steps = tuning.plan.epochs * tuning.plan.epoch_steps
    assert set(map(int, result["validation"]["scores"])) == set(range(steps + 1))
    assert {row["corpus"] for row in result["metrics"]} == {"msrvtt"}
    before, after = load_file(directory.model_path), load_file(tuned.model_path)
    vocabulary = "text.embeddings.vocabulary.ids"
    assert torch.equal(before.pop(vocabulary), after.pop(vocabulary))
    assert any(not torch.equal(before[name], after[name]) for name in before)


@pytest.mark.slow
def test_the_weights_kept_are_those_that_validate_best(tuned):
    config, record = tuned.config(), tuned.result()["validation"]
    trained = {step: score for step, score in record["scores"].items() if step != "0"}
    assert record["scores"][str(record["best"])] == max(trained.values())
    clips = load_corpus("msrvtt", "train", Path(config.data.root))
    _, held = hold_out("msrvtt", clips, config.validation.clips, config.seed)
    asked = [replace(clip, captions=clip.captions[:1]) for clip in held]
    rows = metric_rows(of_run(tuned, torch.device("cpu")).encode(asked), 0.5)
    values = {(r["direction"], r["representation"], r["metric"]): r["value"] for r in rows}
    assert values["t2v", "fused", "R@1"] == record["scores"][str(record["best"])]


@pytest.fixture(scope="module")
def longer(folder, tuned):
    """A fine-tuning of 4 epochs: the sweep's arguments, its run and an undisturbed copy of it."""
    changes = ["--set", "tuning.plan.epochs=4", "engine.checkpoint_every=1"]
    arguments = ["msrvtt", *places(folder), "--only", "fine_tuned", *changes]
    call(folder, "sweep.py", *arguments)
    (run,) = (d for d in found(folder, "fine_tuned") if d.path != tuned.path)
    kept = RunDirectory(run.path.with_name("undisturbed"))
    shutil.copytree(run.path, kept.path)
    return arguments, run, kept


def same_as(kept, run):
    assert run.model_path.read_bytes() == kept.model_path.read_bytes()
    assert run.metrics_log.rows() == kept.metrics_log.rows()
    assert run.result()["validation"] == kept.result()["validation"]
    assert not run.checkpoints.exists()


@pytest.mark.slow
def test_a_fine_tuning_whose_weights_are_lost_is_trained_again(folder, longer):
    arguments, run, kept = longer
    run.model_path.unlink()
    call(folder, "sweep.py", *arguments)
    same_as(kept, run)


@pytest.mark.slow
@pytest.mark.parametrize("lost", ["nothing", "best weights", "validation.json"])
def test_a_fine_tuning_killed_between_two_epochs_goes_on_as_if_it_had_not_been(
    lost, folder, longer
):
    arguments, whole, kept = longer
    shutil.rmtree(whole.path)
    interrupted = start(folder, "experiments/sweep.py", *arguments)
    while not list(whole.checkpoints.glob("step-*2/checkpoint.json")):
        assert interrupted.poll() is None, "it ended before it could be killed"
        time.sleep(0.02)
    os.killpg(interrupted.pid, signal.SIGKILL)
    interrupted.wait()
    deadline = time.monotonic() + 10
    while whole.is_claimed() and time.monotonic() < deadline:  # until the last process is gone
        time.sleep(0.02)
    assert not whole.is_claimed() and not whole.is_finished()
    if lost == "best weights":
        (best,) = whole.checkpoints.glob("best-*.safetensors")
        best.write_bytes(best.read_bytes()[:-1])
    elif lost == "validation.json":
        whole.validation_path.unlink()
    call(folder, "sweep.py", *arguments)
    same_as(kept, whole)


def living(group):
    """Processes of a group that have not ended."""
    listed = subprocess.run(["ps", "-eo", "pgid=,stat="], capture_output=True, text=True)
    rows = [line.split() for line in listed.stdout.splitlines()]
    return [pgid for pgid, state in rows if int(pgid) == group and state[0] != "Z"]


def preempted(folder, twin, ready):
    """Do a run until `ready`, then signal all its processes, loaders too, as SLURM does."""
    process = start(folder, "tests/training/listening_run.py", twin.path)
    while not ready():
        assert process.poll() is None, "it ended before it could be asked to stop"
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGUSR2)
    os.killpg(process.pid, signal.SIGTERM)
    assert process.wait() == 0
    assert (twin.last_attempt().ended, twin.state()) == ("preempted", "interrupted")
    assert twin.last_attempt().note.startswith("asked to stop by SIG")
    deadline = time.monotonic() + 10
    while living(process.pid) and time.monotonic() < deadline:  # what multiprocessing tidies up
        time.sleep(0.02)
    assert not living(process.pid)


@pytest.mark.slow
def test_a_run_whose_result_is_lost_is_evaluated_and_not_trained_again(folder, directory):
    before, weights = directory.result(), directory.model_path.stat().st_mtime_ns
    directory.result_path.unlink()
    call(folder, "run.py", "--dir", str(directory.path))
    after = directory.result()
    assert directory.model_path.stat().st_mtime_ns == weights
    assert before.pop("seconds").keys() - after.pop("seconds").keys() == {"training", "checkpoints"}
    assert after == before


@pytest.mark.slow
def test_a_run_preempted_in_training_and_evaluation_ends_as_if_it_had_not_been(folder, directory):
    config = override(directory.config(), {"data.workers": 1})
    path = directory.path.with_name(f"twin-{directory.meta()['signature']}")
    parents = directory.parents()
    twin = RunDirectory.create(path, config, label="run", sweep="by_hand", parents=parents)
    preempted(folder, twin, lambda: len(twin.metrics_log.rows()) >= 2)
    assert twin.checkpoints.exists() and not twin.model_path.exists()
    preempted(folder, twin, lambda: (twin.read_progress() or {}).get("phase") == "evaluation")
    assert twin.read_progress()["total"] > 0 and not twin.result_path.exists()
    assert start(folder, "tests/training/listening_run.py", twin.path).wait() == 0
    assert (twin.state(), twin.last_attempt().number) == ("finished", 3)
    said, encoded = twin.read_progress(), twin.result()["coverage"]["msrvtt/test_1ka"]
    assert said["step"] == said["total"] == encoded["found"] + encoded["captions"]
    assert twin.metrics_log.rows() == directory.metrics_log.rows()
    assert twin.result()["metrics"] == directory.result()["metrics"]
    assert twin.model_path.read_bytes() == directory.model_path.read_bytes()


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
