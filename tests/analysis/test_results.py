import logging

import pytest
from hand_made import METRICS, record

from analysis import results
from unify.config import PRESETS, warm_starts
from unify.records import RunDirectory


def test_a_row_per_run_direction_representation_and_metric(tmp_path):
    record(tmp_path, 0, latent=10.0, fused=20.0)
    record(tmp_path, 9, seed=1, latent=30.0, fused=40.0)
    frame = results.load(tmp_path)
    assert len(frame) == 2 * 2 * 2 * len(METRICS)
    row = frame.query("label == 'N=9' and representation == 'fused' and metric == 'R@5'")
    row = row[row["direction"] == "t2v"].iloc[0]
    assert (row["value"], row["seed"], row["queries"]) == (40.0, 1, 40)
    assert (row["corpus"], row["split"], row["sweep"]) == ("msrvtt", "test_1ka", "stem_depth")


def test_fields_that_differ_become_columns_and_others_do_not(tmp_path):
    record(tmp_path, 0, latent=10.0)
    record(tmp_path, 9, latent=10.0, changes={"plan.epochs": 11, "data.root": "/elsewhere"})
    frame = results.load(tmp_path)
    assert set(frame["model.stem_depth"]) == {0, 9}
    assert set(frame["plan.epochs"]) == {10, 11}
    assert [name for name in frame if "." in name] == ["model.stem_depth", "plan.epochs"]


@pytest.mark.parametrize(
    "damage",
    ['{"metrics": [', "[]", "{}", '{"signature": "0", "metrics": []}'],
    ids=["cut off", "a list", "empty", "of another run"],
)
def test_a_damaged_result_is_named_and_left_out(tmp_path, damage, caplog):
    record(tmp_path, 0, latent=10.0)
    damaged = record(tmp_path, 9, latent=10.0)
    damaged.result_path.write_text(damage)
    with caplog.at_level(logging.WARNING):
        frame = results.load(tmp_path)
    assert set(frame["label"]) == {"N=0"}
    assert damaged.path.name in caplog.text
    assert len(caplog.records) == 1


def test_a_metric_without_a_number_is_damage(tmp_path, caplog):
    record(tmp_path, 9, latent="high")
    assert results.load(tmp_path).empty
    assert "a metric: no proper value" in caplog.text


def test_warm_starts_and_unfinished_runs_are_no_results(tmp_path, caplog):
    start = warm_starts(PRESETS["smoke"]())["text"]
    directory = RunDirectory.create(
        tmp_path / "warm_start" / "text-1", start, label="text", sweep="warm_start", parents={}
    )
    directory.finish({"signature": "1", "metrics": [{"metric": "loss", "value": 1.0}]})
    record(tmp_path, 9, latent=10.0).result_path.unlink()
    assert results.load(tmp_path).empty
    assert caplog.text == ""


def test_a_run_that_lies_there_twice_counts_once(tmp_path):
    record(tmp_path, 9, latent=10.0)
    record(tmp_path, 9, latent=10.0, sweep="other")
    assert results.load(tmp_path)["run"].nunique() == 1


def test_no_runs_make_an_empty_frame(tmp_path):
    assert results.load(tmp_path / "nowhere").empty
