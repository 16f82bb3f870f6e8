import math
from dataclasses import replace

import pandas
import pytest

from analysis.paper import published
from analysis.paper.published import FOLDER, dataset_notes, made_by, rows
from analysis.paper.tolerance import tolerance
from experiments.registry import SWEEPS
from unify.config import PRESETS
from unify.config.corpora import check_test_set


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
    found = [row.target for row in rows() if row.target]
    assert len(found) == 3 + 9 + 4
    for target in found:
        assert target.label in {v.label for v in SWEEPS[target.sweep].variants(base)}
        check_test_set(target.place)
        assert target.place in base.evaluation.corpora


def test_every_line_of_the_registry_map_makes_a_row_and_letters_agree():
    base = PRESETS["paper"]()
    for line in read("rows.csv").to_dict("records"):
        variants = {v.label: v for v in SWEEPS[line["sweep"]].variants(base)}
        made = [made_by(line["sweep"], line["label"], part) for part in ("latent", "lexicon")]
        assert any(made)
        assert variants[line["label"]].row == line["line"]


def test_other_methods_are_never_made_by_a_sweep():
    assert all(row.own for row in rows() if row.target)
    assert not only(1, setting="zero-shot", method="MILES").own
    assert made_by("msrvtt", "zero_shot", "fused") == only(1, setting="zero-shot", method="UNIFY")
    assert made_by("msrvtt", "zero_shot", "elsewhere") is None


def test_every_dataset_has_its_test_set():
    assert {row.dataset for row in rows()} == set(published.test_sets())
    assert all(each.queries > 0 for each in published.test_sets().values())


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
    assert published.test_sets()["MSVD"].queries < published.test_sets()["MSR-VTT"].queries
    assert tolerance(videos, "R@1") > tolerance(replace(videos, dataset="MSR-VTT"), "R@1")
