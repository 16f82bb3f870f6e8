import json
import logging
import os

import pytest
from hand_made import METRICS, actions, coverage, record, row

from analysis import results
from unify.config import PRESETS, warm_starts
from unify.config.codec import KINDS, neutral_fields
from unify.files import write_json
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


def in_result(**fields):
    return lambda run: write_json(run.result_path, run.result() | fields)


def in_metrics(**fields):
    """Fields of the first row of metrics."""

    def damage(run):
        first, *others = run.result()["metrics"]
        write_json(run.result_path, run.result() | {"metrics": [first | fields, *others]})

    return damage


def in_config(**fields):
    return lambda run: write_json(run.config_path, run.meta() | fields)


def without_evaluation(run):
    config = {name: value for name, value in run.meta()["config"].items() if name != "evaluation"}
    write_json(run.config_path, run.meta() | {"config": config})


def another_depth(run):
    config = run.meta()["config"]
    config["model"]["stem_depth"] = 6
    write_json(run.config_path, run.meta() | {"config": config})


def twice(run):
    write_json(run.result_path, run.result() | {"metrics": run.result()["metrics"] * 2})


def a_folder(run):
    run.result_path.unlink()
    run.result_path.mkdir()


def covered(**fields):
    return in_result(coverage={"msrvtt/test_1ka": {**coverage(40, 40), **fields}})


def twice_a_class(run):
    found = actions({"a": {"latent": 10.0}})["actions"]["ucf101/test_1"]["classes"]
    in_result(actions={"ucf101/test_1": {"classes": found * 2}})(run)


def place(**report):
    return in_result(lexicon={"msrvtt/test_1ka": report})


EXAMPLE = {"key": "video1", "caption": "a dog", "video_words": [["dog", 1.0]], "text_words": []}
DAMAGE = {
    "queries as text": (in_metrics(queries="40"), "no proper queries"),
    "no queries": (in_metrics(queries=0), "no proper queries"),
    "recall above 100": (in_metrics(value=100.5), "R@1 cannot be 100.5"),
    "recall below 0": (in_metrics(value=-1), "R@1 cannot be -1"),
    "recall of true": (in_metrics(value=True), "R@1 cannot be True"),
    "rank below 1": (in_metrics(metric="MedR", representation="x", value=0.5), "MedR cannot be"),
    "rows twice": (twice, "a metric is there twice: msrvtt test_1ka t2v latent R@1"),
    "no rows": (in_result(metrics=[]), "no metrics"),
    "lexicon as text": (in_result(lexicon="x"), "no JSON object"),
    "place as text": (in_result(lexicon={"msrvtt/test_1ka": "x"}), "no JSON object"),
    "measure as text": (place(video_relevant="0.5"), "measure of its lexicon is no number"),
    "examples as text": (place(examples="x"), "example of its lexicon is damaged"),
    "example without caption": (place(examples=[{"key": "a"}]), "example of its lexicon"),
    "word without weight": (
        place(examples=[EXAMPLE | {"text_words": [["dog"]]}]),
        "example of its lexicon",
    ),
    "another seed": (in_result(seed=7), "seeds of its config and of its result differ"),
    "no config": (in_config(config={}), "names no test sets"),
    "no evaluation": (without_evaluation, "names no test sets"),
    "edited config": (another_depth, "its config gives signature"),
    "another group": (in_config(group="0123456789ab"), "and group"),
    "parents that are numbers": (in_config(parents={"text": 3}), "odd parents"),
    "folder as result": (a_folder, "cannot be read"),
    "coverage as text": (in_result(coverage={"msrvtt/test_1ka": "all"}), "no JSON object"),
    "coverage without a verdict": (covered(whole=None), "of a test set is damaged"),
    "coverage in halves": (covered(found=1.5), "of a test set is damaged"),
    "classes as text": (in_result(actions={"ucf101/test_1": {"classes": "x"}}), "its classes"),
    "class above 100": (in_result(**actions({"a": {"latent": 101.0}})), "its classes is damaged"),
    "class twice": (twice_a_class, "its classes is there twice"),
    "accuracy above 100": (in_metrics(metric="top-1", value=100.1), "top-1 cannot be 100.1"),
    "deeply nested": (lambda run: run.result_path.write_text("[" * 100_000), "nested too deeply"),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_a_run_that_cannot_be_counted_on_is_named_and_left_out(tmp_path, caplog, name):
    damage, said = DAMAGE[name]
    record(tmp_path, 0, latent=10.0)
    damaged = record(tmp_path, 9, latent=10.0)
    damage(damaged)
    found, left_out = results.survey(tmp_path)
    assert [run.label for run in found] == ["N=0"]
    assert list(left_out) == [damaged.path]
    assert said in left_out[damaged.path]
    assert damaged.path.name in caplog.text


def test_whole_words_are_no_damage(tmp_path):
    report = {"video_relevant": 0.5, "examples": [EXAMPLE]}
    in_result(lexicon={"msrvtt/test_1ka": report})(record(tmp_path, 9, latent=10.0))
    assert len(results.records(tmp_path)) == 1


def test_a_config_of_another_version_is_taken_at_its_word(tmp_path):
    directory = record(tmp_path, 9, latent=10.0)
    later = directory.meta()["config"] | {"field_of_tomorrow": 1}
    in_config(config=later)(directory)
    (found,) = results.records(tmp_path)
    assert found.config["field_of_tomorrow"] == 1


def test_a_fusion_has_the_seed_of_its_trainings(tmp_path):
    fusion = row(tmp_path, "unified_learning", "no_sharing", 2, fused=10.0)
    (found,) = results.records(tmp_path)
    assert (found.kind, found.seed) == ("FusionConfig", 2)
    in_result(seed=1)(fusion)
    assert results.records(tmp_path) == []


def test_a_fine_tuned_run_has_the_seed_of_what_it_starts_from(tmp_path):
    directory = row(tmp_path, "msrvtt", "fine_tuned", 2, fused=10.0)
    (found,) = results.records(tmp_path)
    assert (found.kind, found.seed) == ("FineTuneConfig", 2)
    assert found.is_miniature
    config = directory.meta()["config"]
    config["pretrained"]["seed"] = 1
    in_config(config=config)(directory)
    assert results.records(tmp_path) == []


def test_an_edited_fine_tuned_run_is_damaged(tmp_path):
    directory = row(tmp_path, "transfer", "didemo_fine_tuned", fused=10.0)
    config = directory.meta()["config"]
    config["pretrained"]["model"]["stem_depth"] = 3
    in_config(config=config)(directory)
    _, damaged = results.survey(tmp_path)
    assert "its config gives signature" in damaged[directory.path]


def test_how_runs_are_fine_tuned_later_is_no_part_of_them(tmp_path):
    changes = {"tuning.held_out": 9, "tuning.plan.epochs": 7}
    row(tmp_path, "msrvtt", "zero_shot", changes=changes, fused=10.0)
    record(tmp_path, 0, preset="mini", fused=10.0)
    frame = results.load(tmp_path)
    assert [name for name in frame if "." in name] == ["model.stem_depth"]


def as_before(run):
    """The record as it was before younger fields were there."""
    meta = run.meta()
    for name in neutral_fields(KINDS[meta["kind"]]):
        *path, field = name.split(".")
        group = meta["config"]
        for part in path:
            group = group[part]
        del group[field]
    run.config_path.write_text(json.dumps(meta))


@pytest.mark.parametrize("label", ["zero_shot", "fine_tuned"])
def test_records_from_before_a_field_was_added_stay_valid(tmp_path, label):
    as_before(row(tmp_path, "msrvtt", label, fused=10.0))
    row(tmp_path, "msrvtt", label, 1, fused=10.0)
    found, damaged = results.survey(tmp_path)
    assert (len(found), damaged) == (2, {})
    assert found[0].config.keys() == found[1].config.keys()
    assert results.differing(found) == []
    row(tmp_path, "msrvtt", label, changes={"evaluation.num_clips": 3}, fused=10.0)
    assert "evaluation.num_clips" in results.differing(results.records(tmp_path))


def test_fields_of_fusions_are_columns_only_where_fusions_differ(tmp_path):
    row(tmp_path, "unified_learning", "no_sharing", 0, fused=10.0)
    row(tmp_path, "unified_learning", "no_sharing", 1, fused=10.0)
    record(tmp_path, 6, preset="mini", latent=10.0)
    record(tmp_path, 9, preset="mini", latent=10.0)
    frame = results.load(tmp_path)
    assert [name for name in frame if "." in name] == ["model.stem_depth"]
    changes = {"plan.epochs": 11}
    row(tmp_path, "unified_learning", "no_sharing", 0, changes=changes, fused=10.0)
    frame = results.load(tmp_path)
    names = ["latent.plan.epochs", "lexicon.plan.epochs", "model.stem_depth"]
    assert sorted(name for name in frame if "." in name) == names


def test_of_two_folders_of_one_run_the_newest_counts_and_both_are_named(tmp_path, caplog):
    newest = record(tmp_path, 9, latent=10.0, sweep="first")
    older = record(tmp_path, 9, latent=20.0, sweep="second")
    os.utime(older.result_path, (1, 1))
    (found,) = results.records(tmp_path)
    assert found.path == newest.path
    (warning,) = caplog.messages
    assert str(older.path) in warning and f"used is {newest.path}" in warning


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
