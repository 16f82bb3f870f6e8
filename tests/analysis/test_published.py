import math
from dataclasses import replace

import pandas
import pytest

from analysis.paper import published
from analysis.paper.published import FOLDER, METHODS, beside, dataset_notes, made_by, rows
from analysis.paper.tolerance import tolerance
from experiments.registry import SWEEPS
from unify.config import PRESETS
from unify.config.corpora import find_split


def read(name):
    return pandas.read_csv(FOLDER / name, dtype=str, keep_default_na=False)


def only(table, **fields):
    found = [r for r in rows(table) if all(getattr(r, k) == v for k, v in fields.items())]
    assert len(found) == 1
    return found[0]


def test_every_number_of_the_transcription_is_in_a_row_and_dashes_are_none():
    cells = read("unify_tables.csv")
    values = [value for row in rows() for value in row.values.values()]
    assert len(values) == len(cells) == 440
    assert values.count(None) == (cells["value"] == "").sum() > 0
    assert sum(v for v in values if v is not None) == pytest.approx(
        cells["value"][cells["value"] != ""].astype(float).sum()
    )
    assert only(1, setting="fine-tuning", method="UNIFY").values == {
        "R@1": 42.8,
        "R@5": 68.8,
        "R@10": 78.8,
        "MedR": 2.0,
    }


def test_rows_that_this_repository_is_to_measure_are_in_the_registry():
    base = PRESETS["paper"]()
    own = [row for row in rows() if row.own]
    assert len(own) == 6 + 18 + 2 + 9 + 4
    for row in own:
        variants = {v.label: v.config for v in SWEEPS[row.target.sweep].variants(base)}
        evaluated = variants[row.target.label].evaluation.corpora
        for test_set in (each for metric in row.values for each in row.test_sets(metric)):
            assert test_set.place in evaluated


def test_sizes_of_test_sets_are_those_that_corpora_publish():
    for place, queries in published.sizes().items():
        facts = find_split(*place.split("/"))
        assert queries == (facts.captions or facts.clips)


def test_a_split_is_measured_on_itself_and_the_mean_on_all_three():
    row = only(3, method="UNIFY", dataset="UCF101")
    places = {m: [each.place for each in row.test_sets(m)] for m in row.values}
    three = [f"ucf101/test_{k}" for k in (1, 2, 3)]
    assert places == {"S1": three[:1], "S2": three[1:2], "S3": three[2:], "Mean": three}
    assert [row.queries(metric) for metric in row.values] == [3783, 3734, 3696, 3696]


def test_beside_msvd_stands_the_other_protocol_and_beside_actions_the_branches():
    for row in rows():
        found = [(each.method, each.protocol) for each in beside(row)]
        if row.own and row.dataset == "MSVD":
            assert row.protocol == "one caption per video"
            assert found == [(row.method, "every caption a query")]
        elif row.own and row.table == 3:
            assert found == [("UNIFY-Latent", ""), ("UNIFY-Lexicon", "")]
        else:
            assert found == []
        assert not any(each.has_numbers for each in beside(row))


def test_every_line_of_the_registry_map_makes_a_row_and_letters_agree():
    base = PRESETS["paper"]()
    for line in read("rows.csv").to_dict("records"):
        variants = {v.label: v for v in SWEEPS[line["sweep"]].variants(base)}
        made = [made_by(line["sweep"], line["label"], part) for part in METHODS.values()]
        assert any(made)
        assert variants[line["label"]].row == line["line"]


def test_other_methods_are_never_made_by_a_sweep():
    assert all(row.own for row in rows() if row.target)
    assert not only(1, setting="zero-shot", method="MILES").own
    assert made_by("msrvtt", "zero_shot", "fused") == only(1, setting="zero-shot", method="UNIFY")
    assert made_by("msrvtt", "zero_shot", "elsewhere") is None


def test_every_dataset_has_its_test_set():
    assert {row.dataset for row in rows()} == set(read("test_sets.csv")["dataset"])
    assert all(queries > 0 for queries in published.sizes().values())


def test_every_note_stands_somewhere():
    shown = {note for row in rows() for note in (*row.notes, *dataset_notes(row))}
    assert shown == set(read("notes.csv")["note"])


def test_the_known_error_is_noted_at_its_row_alone():
    noted = [row for row in rows() if any("38.7, 70.1 and 80.1" in note for note in row.notes)]
    assert noted == [only(2, setting="zero-shot", method="Frozen", dataset="MSVD")]
    assert noted[0].values["R@1"] == 33.7


def test_the_notes_on_the_paper_s_contradictions_are_true_of_its_numbers():
    def first(method, line):
        return only(4, method=method, line=line).values["R@1"]

    assert first("UNIFY-Latent", "B") - first("UNIFY-Latent", "A") == pytest.approx(2.2)
    assert first("UNIFY-Lexicon", "B") - first("UNIFY-Lexicon", "A") == pytest.approx(0.9)
    assert only(5, line="D").values == only(4, method="UNIFY-Lexicon", line="A").values
    oa_trans = only(2, setting="zero-shot", method="OA-Trans", dataset="DiDeMo").values
    assert oa_trans["R@5"] > 50.05 and oa_trans["MedR"] > 5
    miles = only(2, setting="zero-shot", method="MILES", dataset="LSMDC").values
    assert (2 * miles["MedR"]) % 1 != 0


def test_means_of_table_3_are_those_of_its_splits():
    for row in rows(3):
        *splits, mean = row.values.values()
        assert mean == pytest.approx(sum(splits) / 3, abs=0.051)


def test_the_default_run_has_the_same_numbers_in_tables_1_and_4():
    for method in ("UNIFY-Latent", "UNIFY-Lexicon", "UNIFY"):
        one = only(1, setting="zero-shot", method=method)
        assert one.values == only(4, method=method, line="C").values


def test_a_recall_s_tolerance_is_two_binomial_errors_and_the_rounding():
    row = only(1, setting="zero-shot", method="UNIFY-Latent")
    assert tolerance(row, "R@1") == pytest.approx(2 * math.sqrt(0.284 * 0.716 / 1000) * 100 + 0.05)
    assert 2.8 < tolerance(row, "R@1") < 3.0


def test_a_median_s_tolerance_is_that_of_half_the_queries_in_ranks():
    row = only(1, setting="zero-shot", method="UNIFY-Latent")
    low, high = 50 - 100 / math.sqrt(1000), 50 + 100 / math.sqrt(1000)
    rise = (59.4 - 28.4) / math.log(10)
    ratio = math.exp((high - low) / 2 / rise)
    assert tolerance(row, "MedR") == pytest.approx(6.0 * ratio - 6.0 + 0.5)
    assert tolerance(replace(row, values={"MedR": 6.0}), "MedR") is None


def test_every_own_number_has_a_tolerance_and_larger_test_sets_smaller_ones():
    own = [(row, metric) for row in rows() if row.own for metric in row.values]
    assert all(tolerance(row, metric) > 0.05 for row, metric in own)
    videos = only(2, setting="zero-shot", method="UNIFY", dataset="MSVD")
    every = replace(videos, protocol="every caption a query")
    assert videos.queries("R@1") < every.queries("R@1")
    assert tolerance(videos, "R@1") > tolerance(every, "R@1")
