"""What finds losses finds them, and the page says what was recorded."""

import json
import random
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file
from torch.utils.tensorboard import SummaryWriter

from reliability import page
from reliability.judge import differences
from reliability.registry import load
from reliability.rounding import rounded_differences

STEPS = 4
RUN = Path("runs/stem_depth/N=9-0123456789ab")


def project(folder: Path, missing: int | None = None) -> Path:
    """A finished project of one small run; TensorBoard lacks one step, if any."""
    run = folder / RUN
    (run / "previews").mkdir(parents=True)
    (run / "previews/video1.webp").write_bytes(b"picture")
    (run / "config.json").write_text("{}")
    weights = {"a": np.arange(6, dtype=np.float32), "b": np.ones((2, 2), np.float32)}
    save_file(weights, run / "model.safetensors")
    rows = [{"step": step, "loss": 1 / (step + 1)} for step in range(STEPS)]
    (run / "metrics.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    log_curves(run, [row for row in rows if row["step"] != missing])
    result = {"steps": STEPS, "metrics": [{"value": 2.5}], "seconds": random.random()}
    (run / "result.json").write_text(json.dumps(result))
    (run / "samples.json").write_text(json.dumps({"queries": ["a dog"]}))
    (folder / "data").mkdir()
    (folder / "data/clip.mp4").write_bytes(b"clip")
    return folder


def log_curves(run: Path, rows: list[dict[str, float]]) -> None:
    with SummaryWriter(run / "tensorboard", filename_suffix=f".{len(rows)}") as writer:
        for row in rows:
            writer.add_scalar("training/loss", row["loss"], row["step"])


def double_row(run: Path) -> None:
    path = run / "metrics.jsonl"
    path.write_text("\n".join([*(lines := path.read_text().splitlines()), lines[-1]]) + "\n")


def change_row(run: Path) -> None:
    path = run / "metrics.jsonl"
    path.write_text(path.read_text().replace("0.5", "0.5000000001"))


def flip_weight_bit(run: Path) -> None:
    path = run / "model.safetensors"
    content = bytearray(path.read_bytes())
    content[-random.randrange(1, 40)] ^= 1 << random.randrange(8)
    path.write_bytes(content)


def change_result(run: Path) -> None:
    path = run / "result.json"
    path.write_text(path.read_text().replace("2.5", "2.6"))


def leave(name: str) -> Callable[[Path], None]:
    def make(run: Path) -> None:
        (run / name).parent.mkdir(exist_ok=True)
        (run / name).touch()

    return make


def lose(name: str) -> Callable[[Path], None]:
    return lambda run: (run / name).unlink()


LOSSES = {
    "a bit of a weight": (flip_weight_bit, "model.safetensors: other bytes"),
    "weights": (lose("model.safetensors"), "model.safetensors is missing"),
    "a doubled row": (double_row, "steps [3] too often"),
    "a changed row": (change_row, "other values from step 1 on"),
    "metrics": (lose("metrics.jsonl"), "metrics.jsonl is missing"),
    "the result": (lose("result.json"), "result.json is missing"),
    "a value of the result": (change_result, "result.json: other metrics"),
    "samples": (lose("samples.json"), "samples.json is missing"),
    "a preview": (lose("previews/video1.webp"), "1 previews differ or are missing"),
    "a clip": (lose("../../../data/clip.mp4"), "1 data files differ or are missing"),
    "a run": (lose("config.json"), "fewer runs"),
    "a draft": (leave(".result.json.host.1.draft"), "left behind"),
    "a partial checkpoint": (leave("checkpoints/.partial-step-0000004"), "left behind"),
    "an old failure": (leave("failure.json"), "left behind"),
    "a doubled TensorBoard step": (
        lambda run: log_curves(run, [{"step": 3, "loss": 0.25}]),
        "training/loss: steps [3] too often",
    ),
}


def test_equal_runs_differ_in_nothing(tmp_path):
    assert differences(project(tmp_path / "found"), project(tmp_path / "expected")) == []


@pytest.mark.parametrize("loss", LOSSES)
def test_the_judge_finds(loss, tmp_path, seed):
    random.seed(seed)
    found, expected = project(tmp_path / "found"), project(tmp_path / "expected")
    change, said = LOSSES[loss]
    change(found / RUN)
    assert any(said in line for line in differences(found, expected))


@pytest.mark.parametrize("step", range(STEPS))
def test_the_judge_finds_a_missing_tensorboard_step(step, tmp_path):
    found, expected = project(tmp_path / "found", missing=step), project(tmp_path / "expected")
    said = differences(found, expected)
    assert {line.partition(" steps ")[2] for line in said} == {
        f"[] too often, steps [{step}] missing, or not in order"
    }


def test_rounding_is_no_loss_but_another_batch_is(tmp_path):
    found, expected = (project(tmp_path / name) / RUN for name in ("found", "expected"))
    weights = load_file(expected / "model.safetensors")
    save_file({n: v * (1 + 1e-6) for n, v in weights.items()}, found / "model.safetensors")
    assert not list(rounded_differences(found, expected, expected, STEPS))
    path = found / "metrics.jsonl"
    path.write_text(path.read_text().replace("0.25", "0.26"))
    assert len(list(rounded_differences(found, expected, expected, 2))) == 1
    assert len(list(rounded_differences(found, expected, expected, STEPS))) == 2


def test_the_page_is_what_the_record_makes_it():
    made = json.loads(page.RECORD.read_text())
    assert page.PAGE.read_text() == page.page(made)


def test_each_fault_says_what_it_does():
    for fault in load().values():
        assert fault.how.endswith(".")
        assert fault.tries >= fault.quick
