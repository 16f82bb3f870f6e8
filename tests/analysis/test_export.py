import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hand_made import actions, coverage, row
from hand_made_samples import give_samples, samples

from analysis import export
from analysis.results import records
from analysis.store.samples import read_samples
from analysis.study import read_study
from unify.config import PRESETS, WorldConfig, signature, warm_starts
from unify.config.codec import flatten, neutral_fields
from unify.files import write_json
from unify.records import RunDirectory

ROOT = Path(__file__).resolve().parents[2]
VALUES = {"latent": 30.0, "lexicon": 40.0, "fused": 50.0}
CAPTIONS = {f"video{k}": f"a red square moves {k}" for k in range(4)}


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def default_run(runs: Path, seed: int = 0, **changes) -> RunDirectory:
    """The default run with all that a real one leaves behind."""
    here = {"data.root": str(runs / "world"), **changes}
    directory = row(runs, "msrvtt", "zero_shot", seed, changes=here, **VALUES)
    directory.write_environment()
    for step in (9, 19):
        directory.metrics_log.append(
            step, {"loss": 1 / 3 + step, "learning_rate": 6.0000002122251e-06}
        )
    for path in (directory.log_path, directory.model_path, directory.lock_path):
        path.write_text(f"host {socket.gethostname()}")
    give_samples(directory, samples(CAPTIONS))
    return directory


def test_records_give_the_same_results_as_the_runs(tmp_path):
    seed = random.randrange(10**6)
    print(f"seed {seed}")
    values = random.Random(seed)
    for label in ("N=0", "N=5", "N=9"):
        row(tmp_path / "runs", "stem_depth", label, latent=values.uniform(1, 100))
    export.export(tmp_path / "runs", tmp_path / "out")
    made, copied = read_study(tmp_path / "runs"), read_study(tmp_path / "out")
    assert [r.metrics for r in made.records] == [r.metrics for r in copied.records]
    assert [r.config for r in made.records] == [r.config for r in copied.records]
    assert len(copied.runs("mini", "stem_depth", "N=5")) == 1


def test_records_hold_no_places_hosts_weights_or_logs(tmp_path):
    default_run(tmp_path / "runs")
    (path,) = export.export(tmp_path / "runs", tmp_path / "out")
    kept = files(path)
    everything = b"".join(kept.values())
    assert str(tmp_path).encode() not in everything
    assert socket.gethostname().encode() not in everything
    assert {name for name in kept if "/" not in name} == {
        *("config.json", "environment.json", "metrics.jsonl", "result.json", "samples.json")
    }
    assert RunDirectory(path).config().data.root == PRESETS["mini"]().data.root


def test_the_environment_keeps_versions_machine_and_commit(tmp_path):
    directory = default_run(tmp_path / "runs")
    stored = json.loads(directory.environment_path.read_text())
    (path,) = export.export(tmp_path / "runs", tmp_path / "out")
    kept = json.loads((path / "environment.json").read_text())
    assert kept["packages"]["torch"] == stored["packages"]["torch"]
    assert kept["git"] == {name: stored["git"][name] for name in ("commit", "dirty")}
    assert (kept["cpus"], kept["python"]) == (stored["cpus"], stored["python"])
    assert "host" not in kept and "variables" not in kept and "command" not in kept


@pytest.mark.parametrize("label", ["didemo_zero_shot", "didemo_fine_tuned"])
def test_every_folder_of_data_in_a_config_is_the_preset_s(tmp_path, label):
    here = {"data.root": str(tmp_path / "world")}
    given = {"coverage": {"didemo/test": coverage(40, 40, published=False)}}
    made = row(tmp_path / "runs", "transfer", label, changes=here, result=given, **VALUES)
    (path,) = export.export(tmp_path / "runs", tmp_path / "out")
    roots = {v for name, v in flatten(RunDirectory(path).config()).items() if name.endswith("root")}
    assert roots - {None} == {PRESETS["mini"]().data.root}
    (before,), (after,) = records(tmp_path / "runs"), records(tmp_path / "out")
    assert (after.signature, after.coverage) == (before.signature, given["coverage"])
    assert made.meta()["signature"] == after.signature


def test_the_world_of_a_record_from_before_a_field_was_added_is_known(tmp_path):
    directory = default_run(tmp_path / "runs")
    meta = directory.meta()
    for name in neutral_fields(WorldConfig):
        del meta["config"]["world"][name]
    directory.config_path.write_text(json.dumps(meta))
    (path,) = export.export(tmp_path / "runs", tmp_path / "out")
    assert RunDirectory(path).config().data.root == PRESETS["mini"]().data.root


def test_accuracies_class_by_class_travel_along(tmp_path):
    given = actions({"kangaroo": {"latent": 10.0, "lexicon": 20.0, "fused": 30.0}})
    row(tmp_path / "runs", "action_recognition", "ucf101", result=given, **VALUES)
    (path,) = export.export(tmp_path / "runs", tmp_path / "out")
    assert RunDirectory(path).result()["actions"] == given["actions"]


def test_logged_values_keep_six_digits(tmp_path):
    default_run(tmp_path / "runs")
    (path,) = export.export(tmp_path / "runs", tmp_path / "out")
    first, second = RunDirectory(path).metrics_log.rows()
    assert first == {"step": 9, "loss": 9.33333, "learning_rate": 6e-06}
    assert second["loss"] == 19.3333


def test_only_the_default_run_of_seed_0_keeps_samples_and_their_previews(tmp_path):
    for seed in (0, 1):
        directory = default_run(tmp_path / "runs", seed)
        (directory.previews / "stranger.webp").write_bytes(b"not named in samples")
    other = row(tmp_path / "runs", "stem_depth", "N=0", **VALUES)
    give_samples(other, samples(CAPTIONS))
    export.export(tmp_path / "runs", tmp_path / "out")
    kept = [RunDirectory(p.parent) for p in sorted((tmp_path / "out").glob("*/*/samples.json"))]
    assert [run.meta()["sweep"] for run in kept] == ["msrvtt"]
    assert kept[0].result()["seed"] == 0
    assert {p.name for p in kept[0].previews.iterdir()} == {f"{key}.webp" for key in CAPTIONS}
    assert read_samples(kept[0]).captions == CAPTIONS


def test_what_runs_start_from_is_kept_without_its_curves(tmp_path):
    runs = tmp_path / "runs"
    start = warm_starts(PRESETS["mini"]())["text"]
    warm = RunDirectory.create(
        runs / "warm_start" / f"text-{signature(start)}",
        start,
        label="text",
        sweep="warm_start",
        parents={},
    )
    warm.metrics_log.append(9, {"loss": 1.0})
    loss = {"metric": "loss", "value": 1.0}
    warm.finish({"signature": signature(start), "metrics": [loss]})
    training = row(runs, "stem_depth", "N=9", **VALUES)
    parents = {"parents": {"text": f"../../warm_start/text-{signature(start)}"}}
    write_json(training.config_path, training.meta() | parents)
    unused = runs / "warm_start" / "unused"
    RunDirectory.create(unused, start, label="text", sweep="warm_start", parents={})
    written = export.export(runs, tmp_path / "out")
    assert {path.parent.name for path in written} == {"stem_depth", "warm_start"}
    kept = RunDirectory(written[0]).parents()["text"]
    assert set(files(kept)) == {"config.json", "environment.json", "result.json"}
    assert RunDirectory(kept).result()["metrics"] == [loss]


@pytest.mark.parametrize("damage", ["config.json", "result.json", "metrics.jsonl", "samples.json"])
def test_a_run_with_a_truncated_record_is_named_and_left_out(tmp_path, caplog, damage):
    damaged = default_run(tmp_path / "runs")
    row(tmp_path / "runs", "stem_depth", "N=0", **VALUES)
    path = damaged.path / damage
    path.write_text(path.read_text()[:20] + "\n")
    (written,) = export.export(tmp_path / "runs", tmp_path / "out")
    assert written.parent.name == "stem_depth"
    assert damaged.path.name in caplog.text
    assert not list((tmp_path / "out").glob("msrvtt/*"))


def test_settings_that_name_a_place_on_the_machine_are_left_out(tmp_path, caplog):
    row(tmp_path / "runs", "stem_depth", "N=0", **VALUES)
    place = {"init.text": "pretrained", "init.text_weights": "/home/me/bert"}
    row(tmp_path / "runs", "stem_depth", "N=9", changes=place, **VALUES)
    (written,) = export.export(tmp_path / "runs", tmp_path / "out")
    assert "N=0" in written.name
    assert "names a place on this machine, init.text_weights" in caplog.text


def test_unfinished_runs_are_no_records(tmp_path):
    row(tmp_path / "runs", "stem_depth", "N=0", **VALUES)
    failed = row(tmp_path / "runs", "stem_depth", "N=9", **VALUES)
    failed.result_path.unlink()
    failed.fail(RuntimeError("out of memory"))
    (written,) = export.export(tmp_path / "runs", tmp_path / "out")
    assert "N=0" in written.name


def test_exporting_again_changes_nothing_and_drops_what_is_gone(tmp_path):
    runs, out = tmp_path / "runs", tmp_path / "out"
    default_run(runs)
    gone = row(runs, "stem_depth", "N=0", **VALUES)
    export.export(runs, out)
    before = files(out)
    export.export(runs, out)
    assert files(out) == before
    gone.result_path.unlink()
    export.export(runs, out)
    assert set(before) - set(files(out)) == {n for n in before if n.startswith("stem_depth")}


def refused(capsys, runs: Path, out: Path) -> str:
    """The one line that says why; neither folder has changed."""
    before = files(runs), files(out)
    assert export.main([str(runs), "--out", str(out)]) == 2
    assert (files(runs), files(out)) == before
    (line,) = capsys.readouterr().err.splitlines()
    return line


def test_a_folder_of_real_runs_is_never_written_into(tmp_path, capsys):
    default_run(tmp_path / "runs")
    trained = default_run(tmp_path / "trained", seed=1)
    line = refused(capsys, tmp_path / "runs", tmp_path / "trained")
    assert str(trained.path) in line and "which no export writes" in line


@pytest.mark.parametrize("where", [".", "inner", "inner/..", "..", "link"])
def test_records_are_never_exported_onto_into_or_around_themselves(tmp_path, capsys, where):
    default_run(tmp_path / "made")
    records = tmp_path / "outer" / "records"
    export.export(tmp_path / "made", records)
    (tmp_path / "outer" / "link").symlink_to(records)
    out = tmp_path / "outer" / "link" if where == "link" else records / where
    assert "one folder or nested" in refused(capsys, records, out)


@pytest.mark.parametrize(
    "name",
    [
        *("package.json", "site/package.json", "site/app/package.json", "site/app/config.json"),
        *("flops/normalised-0123456789ab/result.json", "site/app/result.json"),
    ],
)
def test_a_folder_with_anything_else_is_refused_and_stays(tmp_path, capsys, name):
    default_run(tmp_path / "runs")
    export.export(tmp_path / "runs", tmp_path / "out")
    write_json(tmp_path / "out" / name, {"kind": "RunConfig"})
    line = refused(capsys, tmp_path / "runs", tmp_path / "out")
    assert str(tmp_path / "out" / name.split("/")[0]) in line
    assert "it stays" in line


def test_a_record_of_another_signature_than_its_folder_says_stays(tmp_path, capsys):
    default_run(tmp_path / "runs")
    (path,) = export.export(tmp_path / "runs", tmp_path / "out")
    path.rename(path.with_name("my copy"))
    assert "my copy is no record" in refused(capsys, tmp_path / "runs", tmp_path / "out")


def test_a_linked_folder_is_not_emptied(tmp_path, capsys):
    default_run(tmp_path / "runs")
    export.export(tmp_path / "runs", tmp_path / "elsewhere")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "msrvtt").symlink_to(tmp_path / "elsewhere" / "msrvtt")
    assert "no folder of records" in refused(capsys, tmp_path / "runs", tmp_path / "out")


def test_what_a_killed_export_has_left_is_replaced(tmp_path):
    default_run(tmp_path / "runs")
    (path,) = export.export(tmp_path / "runs", tmp_path / "out")
    before = files(tmp_path / "out")
    (path / "result.json").unlink()
    (path / ".result.json.123").write_text("{")
    begun = path.with_name("N=0-0123456789ab")
    begun.mkdir()
    (begun / ".config.json.123").write_text("{")
    export.export(tmp_path / "runs", tmp_path / "out")
    assert files(tmp_path / "out") == before


@pytest.mark.parametrize("environment", ["[]", '{"git": 3, "packages": []}'])
def test_an_odd_environment_is_left_open(tmp_path, environment):
    directory = row(tmp_path / "runs", "stem_depth", "N=0", **VALUES)
    directory.environment_path.write_text(environment)
    (path,) = export.export(tmp_path / "runs", tmp_path / "out")
    kept = json.loads((path / "environment.json").read_text())
    assert kept["git"] == {"commit": None, "dirty": None}


@pytest.mark.parametrize("name", ["environment.json", "metrics.jsonl", "samples.json"])
@pytest.mark.parametrize("text", ["3\n", "[" * 100_000 + "\n"], ids=["a number", "nested"])
def test_a_record_of_another_form_is_named_or_left_open(tmp_path, caplog, name, text):
    damaged = default_run(tmp_path / "runs")
    row(tmp_path / "runs", "stem_depth", "N=0", **VALUES)
    (damaged.path / name).write_text(text)
    written = export.export(tmp_path / "runs", tmp_path / "out")
    left_open = name == "environment.json" and text == "3\n"
    assert len(written) == 1 + left_open
    assert (damaged.path.name in caplog.text) is not left_open


@pytest.mark.parametrize("made", [True, False], ids=["empty", "missing"])
def test_without_finished_runs_one_line_says_so(tmp_path, capsys, made):
    runs = tmp_path / "runs"
    runs.mkdir() if made else None
    assert export.main([str(runs), "--out", str(tmp_path / "out")]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"export.py: {runs}")
    assert not (tmp_path / "out").exists()


def test_what_was_exported_is_said_with_its_size(tmp_path, capsys):
    row(tmp_path / "runs", "stem_depth", "N=0", **VALUES)
    row(tmp_path / "runs", "stem_depth", "N=9", **VALUES)
    assert export.main([str(tmp_path / "runs"), "--out", str(tmp_path / "out")]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "stem_depth: 2 runs"
    assert said[1].startswith(f"wrote {tmp_path / 'out'}: 2 runs, 0.0")


@pytest.mark.slow
def test_an_export_killed_at_any_moment_leaves_no_half_record(tmp_path):
    runs, out = tmp_path / "runs", tmp_path / "out"
    for depth in range(13):
        row(runs, "stem_depth", f"N={depth}", **VALUES).metrics_log.append(9, {"loss": 1.0})
    export.export(runs, out)
    whole = files(out)
    seed = random.randrange(10**6)
    print(f"seed {seed}")
    draws = random.Random(seed)
    for _ in range(4):
        command = [sys.executable, "analysis/export.py", str(runs), "--out", str(out)]
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
        _wait_for_change(out, whole, draws.uniform(0, 0.1))
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        for result in out.glob("*/*/result.json"):
            kept = files(result.parent)
            assert kept.items() <= _below(whole, result.parent.relative_to(out)).items()
            assert set(kept) == set(_below(whole, result.parent.relative_to(out)))


def _below(kept: dict[str, bytes], folder: Path) -> dict[str, bytes]:
    prefix = f"{folder.as_posix()}/"
    return {name.removeprefix(prefix): text for name, text in kept.items() if prefix in name}


def _wait_for_change(out: Path, whole: dict[str, bytes], extra: float) -> None:
    """Until the export has begun to replace records, and a little longer."""
    deadline = time.monotonic() + 20
    first = out / next(iter(whole))
    begun = first.stat().st_mtime_ns
    while time.monotonic() < deadline:
        if not first.exists() or first.stat().st_mtime_ns != begun:
            break
        time.sleep(0.002)
    time.sleep(extra)
