import random

import pytest
from hand_made import coverage, row
from hand_made_tables import cells, shown, study, table4_as_published

from analysis import table1, table2, table3, table4, table5
from analysis.measured import LOWER_IS_BETTER
from analysis.paper import published
from analysis.paper.published import METHODS
from analysis.tabulate.table import BEST, SECOND, Column, Row, Shown, ranked

A, B, C = "A (no sharing, no distillation)", "B (sharing)", "C (sharing + self-distillation)"
LATENT, LEXICON, FUSED = METHODS
MODULES = (table1, table2, table3, table4, table5)


def ranks(values, metric="R@1", pools=("one",)):
    """Rank of each number; `values`: a row of numbers per line."""
    columns = [Column(source=p, group=p, metric=metric, pool=p) for p in pools]
    rows = [
        Row(texts=("x",), shown=tuple(Shown(mean=v, status="published") for v in line))
        for line in values
    ]
    return [[one.rank for one in row.shown] for row in ranked(columns, rows)]


def test_best_and_second_best_are_marked_and_ties_share():
    assert ranks([[3.0], [5.0], [4.0], [5.0]]) == [[0], [BEST], [SECOND], [BEST]]
    assert ranks([[4.0], [5.0], [4.0], [3.0]]) == [[SECOND], [BEST], [SECOND], [0]]


def test_numbers_that_are_printed_alike_are_ties():
    assert ranks([[31.24], [31.16], [30.0]]) == [[BEST], [BEST], [SECOND]]


def test_of_ranks_the_lower_one_is_better():
    assert LOWER_IS_BETTER == ("MedR",)
    assert ranks([[6.0], [5.0], [8.0]], "MedR") == [[SECOND], [BEST], [0]]


def test_a_single_number_and_a_missing_one_are_not_ranked():
    assert ranks([[5.0], [None]]) == [[0], [0]]


def test_pools_are_ranked_apart_and_a_number_without_pool_not_at_all():
    found = ranks([[1.0, 90.0, 7.0], [2.0, 80.0, 8.0]], pools=("a", "b", ""))
    assert found == [[SECOND, BEST, 0], [BEST, SECOND, 0]]


def test_ranks_are_those_of_a_plain_count_of_better_values():
    seed = random.randrange(10**6)
    print(f"seed {seed}")
    rng = random.Random(seed)
    values = [0.0, 4.0, *(rng.choice(range(8)) / 2 for _ in range(7))]
    expected = [len({v for v in values if v > value}) + 1 for value in values]
    assert ranks([[v] for v in values]) == [[r if r <= SECOND else 0] for r in expected]


def test_three_seeds_give_their_mean_and_sample_standard_deviation(tmp_path):
    for seed, value in enumerate((30.0, 33.0, 36.0)):
        row(tmp_path, "unified_learning", "sharing", seed, latent=value)
    table = table4.table(study(tmp_path))
    found = shown(table, B, LATENT, "mini", "R@1")
    assert (found.mean, found.std, found.seeds) == (33.0, 3.0, 3)
    (cell,) = cells(table, row=B, method=LATENT, metric="R@1", preset="mini")
    assert (cell.ours, cell.std, cell.seeds, cell.status) == (33.0, 3.0, 3, "miniature")


def test_a_single_seed_has_no_spread(tmp_path):
    row(tmp_path, "unified_learning", "sharing", latent=30.0)
    found = shown(table4.table(study(tmp_path)), B, LATENT, "mini", "R@1")
    assert (found.mean, found.std, found.seeds) == (30.0, None, 1)


def test_an_evaluation_of_two_trainings_fills_the_line_without_sharing(tmp_path):
    row(tmp_path, "unified_learning", "no_sharing", latent=21.0, lexicon=22.0, fused=23.0)
    table = table4.table(study(tmp_path))
    means = [shown(table, A, part, "mini", "R@10").mean for part in METHODS]
    assert means == [21.0, 22.0, 23.0]


def test_a_run_counts_whichever_sweep_has_trained_it(tmp_path):
    row(tmp_path, "stem_depth", "N=9", latent=31.0, lexicon=32.0, fused=33.0)
    found = study(tmp_path)
    assert shown(table4.table(found), C, FUSED, "mini", "R@1").mean == 33.0
    assert shown(table1.table(found), LATENT, "zero-shot", "mini", "R@1").mean == 31.0


def test_a_missing_row_is_a_dash_and_named_with_its_command(tmp_path):
    row(tmp_path, "unified_learning", "sharing", latent=30.0, lexicon=31.0, fused=32.0)
    table = table4.table(study(tmp_path))
    found = shown(table, A, LATENT, "mini", "R@1")
    assert (found.mean, found.seeds, found.status) == (None, 0, "not run")
    command = f"python experiments/sweep.py unified_learning --only no_sharing --runs {tmp_path}"
    (named,) = [each for each in table.missing if each.command == command]
    assert named.what == f"mini: {A} of UNIFY-Latent, UNIFY-Lexicon, UNIFY"
    mini = [each.command for each in table.missing if "--preset" not in each.command]
    assert not any("--only sharing " in command for command in mini)


def test_a_metric_that_a_run_lacks_is_named_alone(tmp_path):
    scores = {"R@1": 30.0, "R@5": 50.0, "MedR": 4.0}
    row(tmp_path, "semantics_grounding", "tsg", lexicon=scores)
    table = table5.table(study(tmp_path))
    name = "D (freezing + MLM)"
    assert shown(table, name, "", "mini", "R@5").mean == 50.0
    assert shown(table, name, "", "mini", "R@10").mean is None
    named = [each.what for each in table.missing if each.what.startswith("mini: D")]
    assert named == [f"mini: {name} of UNIFY-Lexicon (R@10)"]


def test_truncated_and_failed_runs_are_dashes(tmp_path, caplog):
    cut = row(tmp_path, "unified_learning", "sharing", latent=30.0, lexicon=30.0, fused=30.0)
    cut.result_path.write_text(cut.result_path.read_text()[:-200])
    failed = row(tmp_path, "unified_learning", "no_sharing", latent=30.0)
    failed.result_path.unlink()
    failed.fail(RuntimeError("out of memory"))
    row(tmp_path, "unified_learning", "sharing_distillation", latent=30.0)
    table = table4.table(study(tmp_path))
    assert [shown(table, n, LATENT, "mini", "R@1").mean for n in (A, B, C)] == [None, None, 30.0]
    assert cut.path.name in caplog.text


def test_a_damaged_seed_is_left_out_of_the_mean(tmp_path):
    row(tmp_path, "unified_learning", "sharing", 0, latent=30.0)
    row(tmp_path, "unified_learning", "sharing", 1, latent=50.0)
    row(tmp_path, "unified_learning", "sharing", 2, latent=99.0).result_path.write_text("{}")
    found = shown(table4.table(study(tmp_path)), B, LATENT, "mini", "R@1")
    assert (found.mean, found.seeds) == (40.0, 2)


def test_the_paper_s_own_numbers_match(tmp_path):
    table4_as_published(tmp_path)
    table = table4.table(study(tmp_path))
    found = cells(table, preset="paper")
    assert len(found) == 36
    assert {cell.status for cell in found} == {"matches"}
    assert all(cell.ours == cell.paper for cell in found)


def test_a_number_differs_beyond_its_tolerance_on_either_side_and_not_within(tmp_path):
    near = {"latent": {"R@1": 26.9 + 2.8, "R@5": 48.2 - 3.1}}
    far = {"lexicon": {"R@1": 27.5 + 3.0, "R@5": 48.5 - 3.3}}
    table4_as_published(tmp_path, B={**near, **far})
    table = table4.table(study(tmp_path))
    assert [cell.status for cell in cells(table, row=B, method=LATENT)][:2] == ["matches"] * 2
    high, low, *rest = cells(table, row=B, method=LEXICON)
    assert (high.status, high.side) == ("differs", "higher")
    assert (low.status, low.side) == ("differs", "lower")
    assert {cell.status for cell in rest} == {"matches"}
    assert shown(table, B, LEXICON, "paper", "R@1").side == "higher"
    (said,) = [remark for remark in table.remarks if remark.startswith("Differs")]
    assert "30.5 is higher than 27.5" in said and "45.2 is lower than 48.5" in said


def test_it_is_the_mean_over_seeds_that_is_compared(tmp_path):
    for seed, change in enumerate((-5.0, 5.0)):
        table4_as_published(tmp_path, seed=seed, B={"latent": {"R@1": 26.9 + change}})
    (cell,) = cells(table4.table(study(tmp_path)), row=B, method=LATENT, metric="R@1")
    assert (round(cell.ours, 9), cell.seeds, cell.status) == (26.9, 2, "matches")
    assert cell.std == pytest.approx(50**0.5)


def test_a_miniature_s_number_never_stands_for_ours_even_where_it_is_the_paper_s(tmp_path):
    table4_as_published(tmp_path, preset="mini")
    table = table4.table(study(tmp_path))
    ours = [cell for cell in table.cells if cell.preset == "paper"]
    small = [cell for cell in table.cells if cell.preset == "mini"]
    assert {(cell.status, cell.ours) for cell in ours} == {("not run", None)}
    assert {(cell.status, cell.paper) for cell in small} == {("miniature", None)}
    assert shown(table, C, FUSED, "paper", "R@1").mean is None
    assert shown(table, C, FUSED, "mini", "R@1").mean == 29.0


def test_a_miniature_s_numbers_do_not_take_the_best_mark_from_published_ones(tmp_path):
    row(tmp_path, "msrvtt", "zero_shot", latent=90.0, lexicon=80.0, fused=95.0)
    table = table1.table(study(tmp_path))
    assert shown(table, FUSED, "zero-shot", "published", "R@1").rank == BEST
    assert shown(table, LATENT, "zero-shot", "published", "R@1").rank == SECOND
    marks = [shown(table, method, "zero-shot", "mini", "R@1").rank for method in METHODS]
    assert marks == [SECOND, 0, BEST]


def test_ours_are_ranked_together_with_published_numbers(tmp_path):
    table4_as_published(tmp_path, C={"latent": {"R@1": 29.0}})
    table = table4.table(study(tmp_path))
    assert shown(table, C, LATENT, "paper", "R@1").rank == BEST
    assert shown(table, C, LATENT, "published", "R@1").rank == SECOND
    tied = [shown(table, C, FUSED, source, "R@1").rank for source in ("published", "paper")]
    assert tied == [BEST, BEST]


def test_a_paper_preset_with_changes_that_count_is_not_the_paper_s(tmp_path):
    changes = {"plan.epochs": "3"}
    row(tmp_path, "unified_learning", "sharing", preset="paper", changes=changes, latent=26.9)
    table = table4.table(study(tmp_path, preset="paper", changes=changes))
    assert {cell.status for cell in cells(table, preset="paper")} == {"not run"}
    assert shown(table, B, LATENT, "altered paper", "R@1").mean == 26.9
    assert {column.group for column in table.columns} == {"published", "ours", "altered paper"}
    assert any("--preset paper --set plan.epochs=3" in each.command for each in table.missing)


def test_a_place_on_disk_is_no_change_that_counts(tmp_path):
    table4_as_published(tmp_path)
    changed = study(tmp_path, preset="paper", changes={"data.root": "/elsewhere"})
    assert {cell.status for cell in table4.table(changed).cells} == {"matches"}


def test_tables_without_a_run_have_every_cell_and_its_command(tmp_path):
    found = study(tmp_path)
    for module, rows, labels in ((table1, 6, 2), (table2, 18, 6), (table3, 2, 2)):
        table = module.table(found)
        assert {cell.status for cell in table.cells} == {"not run"}
        assert len(table.cells) == 4 * rows and table.beside == ()
        assert len(table.missing) == labels * 2


def test_fine_tuned_rows_of_table_1_come_from_their_own_runs(tmp_path):
    row(tmp_path, "msrvtt", "zero_shot", fused=20.0)
    row(tmp_path, "msrvtt", "fine_tuned", fused=30.0)
    table = table1.table(study(tmp_path))
    means = [shown(table, FUSED, part, "mini", "R@1").mean for part in ("zero-shot", "fine-tuning")]
    assert means == [20.0, 30.0]


def test_table_2_has_a_part_for_each_dataset_and_setting(tmp_path):
    for k, corpus in enumerate(("didemo", "lsmdc")):
        row(tmp_path, "transfer", f"{corpus}_zero_shot", fused=10.0 + k)
        row(tmp_path, "transfer", f"{corpus}_fine_tuned", fused=20.0 + k)
    table = table2.table(study(tmp_path))
    found = {
        section.title: shown(table, FUSED, section.title, "mini", "R@1").mean
        for section in table.sections
        if "MSVD" not in section.title
    }
    assert found == {
        **{"DiDeMo, zero-shot": 10.0, "LSMDC, zero-shot": 11.0},
        **{"DiDeMo, fine-tuning": 20.0, "LSMDC, fine-tuning": 21.0},
    }


ONE, EVERY = "one caption per video", "every caption a query"


@pytest.mark.parametrize("preset", ["mini", "paper"])
def test_both_protocols_of_msvd_are_shown_and_named(tmp_path, preset):
    places = {"msvd/test": {"fused": 33.0}}
    options = {"preset": preset, "places": places, "queries": None}
    if preset == "paper":
        coverages = {place: whole(n) for place, n in (("msvd/test", 27763), (FIRST, 670))}
        options["result"] = {"coverage": coverages}
    row(tmp_path, "transfer", "msvd_zero_shot", **options, fused=48.1)
    table = table2.table(study(tmp_path))
    titles = [section.title for section in table.sections if "MSVD, zero" in section.title]
    assert titles == [f"MSVD, zero-shot (ours: {name})" for name in (ONE, EVERY)]
    both = [shown(table, FUSED, title, preset, "R@1") for title in titles]
    assert [one.mean for one in both] == [48.1, 33.0]
    assert shown(table, FUSED, titles[1], "published", "R@1") == Shown()
    assert all(section.marks for section in table.sections if section.title in titles)
    (other,) = [cell for cell in table.beside if cell.metric == "R@1" and cell.ours]
    assert (other.dataset, other.paper) == (f"MSVD, {EVERY}", None)
    assert other.status == ("measured" if preset == "paper" else "miniature")
    assert any("670 queries" in each and "27763" in each for each in table.remarks)


def test_table_3_has_each_split_and_their_mean(tmp_path):
    places = {f"hmdb51/test_{k}": {"fused": v} for k, v in ((1, 40.0), (2, 41.0), (3, 45.0))}
    for seed in range(2):
        raised = {place: {"fused": each["fused"] + 2 * seed} for place, each in places.items()}
        row(tmp_path, "action_recognition", "hmdb51", seed, places=raised)
    table = table3.table(study(tmp_path))
    found = [shown(table, FUSED, "HMDB51", "mini", m) for m in ("S1", "S2", "S3", "Mean")]
    assert [one.mean for one in found] == [41.0, 42.0, 46.0, 43.0]
    assert [one.std for one in found] == pytest.approx([2**0.5] * 4)


def test_a_mean_over_splits_needs_all_of_them(tmp_path):
    places = {"ucf101/test_2": {}}
    row(tmp_path, "action_recognition", "ucf101", places=places, fused=50.0)
    table = table3.table(study(tmp_path))
    found = [shown(table, FUSED, "UCF101", "mini", m).mean for m in ("S1", "S2", "S3", "Mean")]
    assert found == [50.0, None, 50.0, None]


def test_table_3_shows_the_branches_beside_the_fused_row_where_they_were_run(tmp_path):
    row(tmp_path, "action_recognition", "ucf101", latent=40.0, lexicon=45.0, fused=50.0)
    table = table3.table(study(tmp_path))
    assert shown(table, LEXICON, "UCF101", "mini", "Mean").mean == 45.0
    assert shown(table, LEXICON, "UCF101", "published", "Mean") == Shown()
    names = {section.title: [r.texts[0] for r in section.rows] for section in table.sections}
    assert names["UCF101"][-3:] == [FUSED, LATENT, LEXICON]
    assert LATENT not in names["HMDB51"]
    assert {cell.method for cell in table.cells} == {FUSED}
    assert any("Beside the paper's" in each for each in table.remarks)


FIRST = "msvd/test_one_caption"


def whole(clips):
    return coverage(clips, clips)


def on_a_part(runs, seed=0, **changes):
    """The paper's own fine-tuned numbers on DiDeMo, of 979 of its 1004 videos."""
    values = {
        published.METHODS[each.method]: dict(each.values)
        for each in published.rows(2)
        if (each.setting, each.dataset) == ("fine-tuning", "DiDeMo") and each.own
    }
    result = {"coverage": {"didemo/test": coverage(979, 1004)}}
    options = {"preset": "paper", "queries": 979, "result": result, **changes}
    row(runs, "transfer", "didemo_fine_tuned", seed, **options, **values)


def test_a_number_of_a_part_of_the_test_set_is_shown_with_it_and_never_matches(tmp_path):
    on_a_part(tmp_path)
    table = table2.table(study(tmp_path))
    found = cells(table, dataset="DiDeMo", setting="fine-tuning", preset="paper")
    assert {(cell.status, cell.coverage) for cell in found} == {("incomplete", "979 of 1004 clips")}
    assert all(cell.ours == cell.paper for cell in found)
    one = shown(table, FUSED, "DiDeMo, fine-tuning", "paper", "R@1")
    assert (one.mean, one.rank, one.told) == (45.2, 0, "incomplete: 979 of 1004 clips")
    assert shown(table, "DiCoSA", "DiDeMo, fine-tuning", "published", "R@1").rank == BEST
    assert table.remarks[0].startswith("INCOMPLETE TEST SETS, so not the paper's protocol: ")
    assert "fine-tuning, DiDeMo (paper): 979 of 1004 clips" in table.remarks[0]


def test_seeds_on_the_whole_test_set_count_without_those_on_a_part(tmp_path):
    on_a_part(tmp_path, seed=0)
    on_a_part(tmp_path, seed=1, queries=1004, result={"coverage": {"didemo/test": whole(1004)}})
    table = table2.table(study(tmp_path))
    found = cells(table, dataset="DiDeMo", setting="fine-tuning", preset="paper")
    assert {(cell.status, cell.seeds, cell.coverage) for cell in found} == {("matches", 1, "")}
    (said,) = [remark for remark in table.remarks if remark.startswith("Left out")]
    assert "didemo_fine_tuned-seed0" in said and "979 of 1004 clips" in said


def test_another_number_of_queries_than_published_is_a_part_too(tmp_path):
    scores = {"latent": 26.9, "lexicon": 27.5, "fused": 28.2}
    row(tmp_path, "unified_learning", "sharing", preset="paper", queries=990, **scores)
    table = table4.table(study(tmp_path))
    assert {(c.status, c.coverage) for c in cells(table, row=B)} == {
        ("incomplete", "990 of 1000 queries")
    }


def test_a_split_that_lacks_clips_leaves_the_mean_incomplete_and_other_splits_whole(tmp_path):
    sets = {f"hmdb51/test_{k}": coverage(1530 - (k == 2), 1530) for k in (1, 2, 3)}
    options = {"preset": "paper", "result": {"coverage": sets}}
    row(tmp_path, "action_recognition", "hmdb51", **options, fused=39.5)
    found = cells(table3.table(study(tmp_path)), dataset="HMDB51", preset="paper")
    assert [cell.status for cell in found] == ["matches", "incomplete", "matches", "incomplete"]
    assert found[1].coverage == "1529 of 1530 clips"
    assert found[3].coverage == "1529 of 1530 clips of hmdb51/test_2"


def test_a_miniature_is_whole_by_its_own_lists(tmp_path):
    options = {"result": {"coverage": {"didemo/test": coverage(40, 40, published=False)}}}
    row(tmp_path, "transfer", "didemo_zero_shot", **options, fused=10.0)
    short = {"result": {"coverage": {"lsmdc/test": coverage(39, 40, published=False)}}}
    row(tmp_path, "transfer", "lsmdc_zero_shot", **short, fused=10.0)
    table = table2.table(study(tmp_path))
    found = {cell.dataset: cell for cell in table.cells if cell.ours is not None}
    assert (found["DiDeMo"].status, found["DiDeMo"].coverage) == ("miniature", "")
    assert (found["LSMDC"].status, found["LSMDC"].coverage) == ("incomplete", "39 of 40 clips")


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        ({"found": 1000, "listed": 1100}, "1000 of 1100 clips"),
        ({"found": 990, "listed": 990}, "990 of 1000 clips"),
        ({"captions": 998, "listed_captions": 998}, "998 of 1000 captions"),
    ],
)
def test_what_is_missing_is_named_in_words(tmp_path, counts, said):
    counted = {**coverage(1000, 1000), **counts, "whole": False}
    options = {"preset": "paper", "result": {"coverage": {"msrvtt/test_1ka": counted}}}
    row(tmp_path, "msrvtt", "zero_shot", **options, fused=29.0)
    (cell,) = cells(table1.table(study(tmp_path)), metric="R@1", status="incomplete")
    assert cell.coverage == said


def test_rows_of_other_methods_have_published_numbers_and_no_dashes(tmp_path):
    table = table1.table(study(tmp_path))
    assert shown(table, "MILES", "zero-shot", "published", "R@1").mean == 26.1
    assert shown(table, "MILES", "zero-shot", "paper", "R@1") == Shown()
    assert not cells(table, method="MILES")


def test_every_table_says_how_it_is_to_be_read_and_has_each_footnote_once(tmp_path):
    found = study(tmp_path)
    for module in MODULES:
        table = module.table(found)
        assert table.remarks
        assert len(set(table.notes)) == len(table.notes)
        marks = {mark for s in table.sections for r in (s, *s.rows) for mark in r.marks}
        assert marks == set(range(1, len(table.notes) + 1))


def test_the_contradiction_of_table_5_is_one_note_at_two_rows(tmp_path):
    table = table5.table(study(tmp_path))
    (section,) = table.sections
    assert [r.texts[0] for r in section.rows][1:3] == ["B (freezing only)", "C (MLM only)"]
    assert section.rows[1].marks == section.rows[2].marks != ()
    assert "contradicts itself" in table.notes[section.rows[1].marks[0] - 1]
