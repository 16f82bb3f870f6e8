import csv
import json
import re

import pytest
from hand_made import actions, coverage, row

from analysis import claims
from analysis.classes import MOTIONS, THINGS, kind
from analysis.judge.claim import Claim
from analysis.judge.intervals import Estimate
from analysis.judge.statements import CLAIMS, SECTIONS
from analysis.judge.statements.results import CLIP_BASED
from analysis.judge.statements.sides import grounded, over, published, unified
from analysis.judge.text import interval
from analysis.judge.verdict import number, verdict
from analysis.study import read_study
from experiments.registry import SWEEPS
from unify.config import PRESETS
from unify.data.miniature.captions import VERBS
from unify.data.miniature.sprites import all_nouns

BY_NAME = {claim.name: claim for claim in CLAIMS}


def judged(runs, name, column="mini"):
    (found,) = [
        each
        for each in claims.judge(read_study(runs))
        if (each.column, each.claim.name) == (column, name)
    ]
    return found


def grounding(runs, values, label="tsg", **more):
    """A run per value of `values`, with its number as the seed."""
    return [
        row(runs, "semantics_grounding", label, seed, lexicon=value, **more)
        for seed, value in enumerate(values)
    ]


def relevant(video, text):
    report = {"video_relevant": video, "text_relevant": text, "examples": []}
    return {"lexicon": {"msrvtt/test_1ka": report}}


def test_a_claim_holds_where_the_whole_interval_is_above_zero(tmp_path):
    grounding(tmp_path, (30.0, 32.5, 35.0))
    grounding(tmp_path, (20.0, 20.0, 25.0), "no_tsg")
    found = judged(tmp_path, "grounding_lifts")
    (each,) = found.differences
    # differences 10, 12.5, 10
    assert found.outcome == each.outcome == "holds"
    assert each.ours.mean == pytest.approx(32.5 / 3)
    assert each.ours.low == pytest.approx(32.5 / 3 - 4.3027 * 2.5 / 3, abs=1e-3)
    assert each.published == pytest.approx(4.6)
    assert found.commands == ()


def test_a_claim_is_contradicted_where_the_whole_interval_is_below_zero(tmp_path):
    grounding(tmp_path, (20.0, 20.0, 25.0))
    grounding(tmp_path, (30.0, 32.5, 35.0), "no_tsg")
    assert judged(tmp_path, "grounding_lifts").outcome == "contradicted"


def test_a_claim_is_undecided_where_the_interval_contains_zero(tmp_path):
    grounding(tmp_path, (20.0, 30.0, 25.0))
    grounding(tmp_path, (22.5, 20.0, 25.0), "no_tsg")
    found = judged(tmp_path, "grounding_lifts")
    assert found.outcome == "undecided"
    assert found.differences[0].ours.low < 0 < found.differences[0].ours.high
    assert "seeds would decide)" in claims.markdown(read_study(tmp_path))


def test_equal_values_are_undecided(tmp_path):
    grounding(tmp_path, (20.0, 30.0, 25.0))
    grounding(tmp_path, (20.0, 30.0, 25.0), "no_tsg")
    found = judged(tmp_path, "grounding_lifts")
    assert found.outcome == "undecided"
    assert found.differences[0].ours.mean == 0


def test_one_seed_has_a_difference_and_no_verdict(tmp_path):
    grounding(tmp_path, (30.0,))
    grounding(tmp_path, (10.0,), "no_tsg")
    found = judged(tmp_path, "grounding_lifts")
    assert found.outcome == "undecided"
    assert (found.differences[0].ours.mean, found.differences[0].ours.low) == (20.0, None)
    (command,) = found.commands
    wanted = "sweep.py semantics_grounding --only tsg no_tsg --seeds 0 1 2"
    assert wanted in command


def test_a_missing_row_is_not_run_and_its_command_is_named(tmp_path):
    grounding(tmp_path, (30.0, 32.5, 35.0))
    found = judged(tmp_path, "grounding_lifts")
    assert found.outcome == "not run"
    assert found.differences[0].ours is None
    assert [side.label for side in found.differences[0].missing] == ["no_tsg"]
    (command,) = found.commands
    assert "sweep.py semantics_grounding --only no_tsg --seeds 0 1 2" in command


def test_failed_and_damaged_runs_do_not_count(tmp_path):
    grounding(tmp_path, (30.0, 32.5, 35.0))
    fine, failed, damaged = grounding(tmp_path, (20.0, 90.0, 90.0), "no_tsg")
    failed.result_path.unlink()
    failed.fail(RuntimeError("out of memory"))
    damaged.result_path.write_text('{"metrics": [')
    found = judged(tmp_path, "grounding_lifts")
    assert found.outcome == "undecided"
    assert found.differences[0].ours.seeds == (3, 1)
    assert found.differences[0].ours.mean == 12.5
    fine.result_path.unlink()
    assert judged(tmp_path, "grounding_lifts").outcome == "not run"


def test_rows_of_other_seeds_are_compared_as_separate_samples(tmp_path):
    grounding(tmp_path, (30.0, 32.5, 35.0))
    for seed, value in ((3, 20.0), (4, 20.0), (5, 25.0)):
        row(tmp_path, "semantics_grounding", "no_tsg", seed, lexicon=value)
    (found,) = judged(tmp_path, "grounding_lifts").differences
    assert not found.ours.paired
    assert found.ours.mean == pytest.approx(32.5 - 65 / 3)
    assert "3 and 3" in claims.markdown(read_study(tmp_path))


def test_runs_of_other_configs_do_not_count(tmp_path):
    changes = {"plan.epochs": 11}
    grounding(tmp_path, (30.0, 32.5, 35.0), changes=changes)
    grounding(tmp_path, (20.0, 20.0, 25.0), "no_tsg", changes=changes)
    assert judged(tmp_path, "grounding_lifts").outcome == "not run"
    study = read_study(tmp_path, "mini", {"plan.epochs": "11"})
    *_, column = study.columns
    assert verdict(study, column, BY_NAME["grounding_lifts"]).outcome == "holds"


def branches(runs, label, latent, lexicon):
    for seed, (one, other) in enumerate(zip(latent, lexicon, strict=True)):
        values = {"latent": one, "lexicon": other, "fused": max(one, other)}
        row(runs, "unified_learning", label, seed, **values)


def test_a_claim_of_both_branches_needs_both(tmp_path):
    branches(tmp_path, "no_sharing", (20.0, 22.5, 20.0), (20.0, 22.5, 20.0))
    branches(tmp_path, "sharing", (30.0, 30.0, 32.5), (20.0, 25.0, 17.5))
    found = judged(tmp_path, "sharing_lifts_branches")
    assert [each.outcome for each in found.differences] == ["holds", "undecided"]
    assert found.outcome == "undecided"


def test_a_claim_of_both_branches_is_contradicted_by_one(tmp_path):
    branches(tmp_path, "no_sharing", (20.0, 22.5, 20.0), (20.0, 22.5, 20.0))
    branches(tmp_path, "sharing", (30.0, 30.0, 32.5), (10.0, 10.0, 10.0))
    found = judged(tmp_path, "sharing_lifts_branches")
    assert [each.outcome for each in found.differences] == ["holds", "contradicted"]
    assert found.outcome == "contradicted"


def metrics(first, fifth, tenth, median):
    return {"R@1": first, "R@5": fifth, "R@10": tenth, "MedR": median, "MeanR": 9.0}


@pytest.mark.parametrize(
    ("lexicon", "outcome"),
    [
        (metrics(20.0, 60.0, 80.0, 4.0), "holds"),
        (metrics(10.0, 60.0, 80.0, 4.0), "holds"),
        (metrics(10.0, 60.0, 80.0, 8.0), "contradicted"),
        (metrics(10.0, 60.0, 70.0, 4.0), "undecided"),
    ],
    ids=["all four", "three", "two against", "one against, one equal"],
)
def test_almost_all_metrics_lets_one_fail_and_counts_low_median_ranks_as_good(
    tmp_path, lexicon, outcome
):
    latent = metrics(15.0, 50.0, 70.0, 6.0)
    for seed in range(3):
        row(tmp_path, "msrvtt", "zero_shot", seed, latent=latent, lexicon=lexicon)
    found = judged(tmp_path, "lexicon_over_latent")
    assert found.outcome == outcome
    assert [round(each.published, 1) for each in found.differences] == [-0.4, 0.8, 0.4, 1.0]


def test_the_mean_of_three_recalls_is_shown_beside_r_at_1_and_not_judged(tmp_path):
    for seed in range(3):
        good, bad = metrics(20.0, 40.0, 60.0, 5.0), metrics(15.0, 60.0, 80.0, 5.0)
        row(tmp_path, "semantics_grounding", "tsg", seed, lexicon=good)
        row(tmp_path, "semantics_grounding", "no_tsg", seed, lexicon=bad)
    found = judged(tmp_path, "grounding_lifts")
    (each,) = found.differences
    assert found.outcome == "holds"
    assert each.recall.mean == pytest.approx(40 - 155 / 3)
    assert "-11.7 [" in claims.markdown(read_study(tmp_path))


def depths(runs, lexicon, seeds=3):
    """All depths at 30 but for those in `lexicon`: N -> values by seed."""
    for n in range(13):
        for seed in range(seeds):
            values = {"latent": 50.0 if n == 9 else 30.0, "fused": 60.0}
            lexicon_value = lexicon.get(n, (30.0,) * seeds)[seed]
            row(runs, "stem_depth", f"N={n}", seed, lexicon=lexicon_value, **values)


def test_the_best_depth_is_held_against_the_best_of_the_others(tmp_path):
    depths(tmp_path, {9: (60.0, 60.0, 60.0), 4: (40.0, 40.0, 40.0)})
    found = judged(tmp_path, "best_at_nine")
    lexicon = found.differences[1]
    assert found.outcome == "holds"
    assert lexicon.rival.label == "N=4"
    assert lexicon.ours.mean == 20.0
    assert lexicon.ours.level == pytest.approx(1 - 0.05 / 12)
    assert "N=9 > best of 12 others (lexicon, stem_depth), here N=4" in claims.markdown(
        read_study(tmp_path)
    )


def test_a_best_depth_elsewhere_contradicts_only_beyond_picking_it_from_twelve(tmp_path):
    better = (40.0, 45.0, 50.0)
    depths(tmp_path, {9: (30.0, 30.0, 30.0), 4: better})
    (_, lexicon) = judged(tmp_path, "best_at_nine").differences
    # 15 with a standard deviation of 5: beyond 4.3 standard errors (2.9), not beyond 15.4
    assert lexicon.ours.mean == -15.0
    assert lexicon.outcome == "undecided"
    assert judged(tmp_path, "sharing_all_harms").differences[1].outcome == "undecided"


def test_a_missing_depth_leaves_the_best_one_open(tmp_path):
    depths(tmp_path, {})
    for path in tmp_path.glob("stem_depth/N=5-*/result.json"):
        path.unlink()
    found = judged(tmp_path, "best_at_nine")
    assert found.outcome == "not run"
    (command,) = found.commands
    assert "sweep.py stem_depth --only N=5 --seeds 0 1 2" in command


def test_all_depths_of_too_few_seeds_are_asked_for_not_the_rival_alone(tmp_path):
    depths(tmp_path, {}, seeds=1)
    for seed in (1, 2):
        row(tmp_path, "stem_depth", "N=9", seed, latent=50.0, lexicon=30.0, fused=60.0)
    (command,) = judged(tmp_path, "best_at_nine").commands
    asked = command.partition("--seeds")[0]
    assert re.findall(r"N=(\d+)", asked) == [str(n) for n in range(13) if n != 9]


def test_sentences_carry_no_sizes():
    assert not [claim.name for claim in CLAIMS if re.search(r"\d\.\d|points", claim.says)]


@pytest.mark.parametrize(
    ("low", "high", "text"),
    [(0.04, 2.0, "[+0.04, +2.0]"), (-1.0, -0.003, "[-1.0, -0.003]"), (-0.04, 2.0, "[-0.0, +2.0]")],
    ids=["holds", "contradicted", "undecided"],
)
def test_a_bound_beside_zero_shows_on_which_side_it_is_where_that_decides(low, high, text):
    middle = (low + high) / 2
    ours = Estimate(mean=middle, means=(middle, 0.0), low=low, high=high, seeds=(3, 3), paired=True)
    assert interval(ours) == text


def test_the_overview_keeps_ranks_apart_from_points(tmp_path):
    (line,) = [
        line
        for line in claims.markdown(read_study(tmp_path)).splitlines()
        if line.startswith("| [`lexicon_over_latent`]")
    ]
    assert line.endswith("| not run | -0.4 to +0.8; MedR +1.0 |")


def test_relevant_words_are_read_from_results_in_per_cent(tmp_path):
    for seed in range(3):
        given = {"result": relevant(0.5, 0.6 + seed / 10)}
        row(tmp_path, "semantics_grounding", "tsg", seed, lexicon=1.0, **given)
        given = {"result": relevant(0.1, 0.7)}
        row(tmp_path, "semantics_grounding", "no_tsg", seed, lexicon=1.0, **given)
    found = judged(tmp_path, "videos_need_grounding")
    assert found.outcome == "holds"
    assert found.differences[0].ours.means == pytest.approx((50.0, 10.0))
    assert judged(tmp_path, "texts_need_grounding").outcome == "undecided"


def test_runs_that_have_not_measured_it_are_missing(tmp_path):
    grounding(tmp_path, (30.0, 32.5, 35.0))
    grounding(tmp_path, (20.0, 20.0, 25.0), "no_tsg")
    assert judged(tmp_path, "videos_need_grounding").outcome == "not run"


def test_the_paper_preset_alone_is_held_against_published_methods(tmp_path):
    for preset in ("mini", "paper"):
        for seed, value in enumerate((30.0, 32.5, 30.0)):
            row(tmp_path, "msrvtt", "zero_shot", seed, preset=preset, latent=value)
    found = judged(tmp_path, "latent_over_previous", "paper")
    assert found.outcome == "holds"
    assert found.differences[0].ours.means == pytest.approx((92.5 / 3, 26.8))
    assert judged(tmp_path, "latent_over_previous").outcome == "not run"


def test_a_claim_about_other_methods_is_for_the_paper_preset_and_trains_nothing_else(tmp_path):
    for seed, value in enumerate((42.0, 42.5, 43.0)):
        row(tmp_path, "msrvtt", "fine_tuned", seed, preset="paper", fused=value)
    found = judged(tmp_path, "tuned_over_tcp", "paper")
    assert found.outcome == "holds"
    assert found.differences[0].ours.means == pytest.approx((42.5, 38.0))
    assert found.differences[0].published == pytest.approx(4.8)
    small = judged(tmp_path, "tuned_over_tcp")
    assert (small.outcome, small.commands) == ("not run", ())
    row(tmp_path, "msrvtt", "zero_shot", 0, latent=1.0, lexicon=1.0, fused=1.0)
    page = claims.markdown(read_study(tmp_path))
    assert "| fused of msrvtt/fine_tuned > TCP (MSR-VTT, fine-tuning) | R@1 |" in page
    assert "not run (published numbers are for the paper's preset alone)" in page


def every_metric(value, median):
    return {"R@1": value, "R@5": value + 30, "R@10": value + 40, "MedR": median, "MeanR": 9.0}


def test_after_fine_tuning_the_branches_are_compared_in_a_miniature_too(tmp_path):
    for seed in range(3):
        parts = {"latent": every_metric(20.0, 4.0), "lexicon": every_metric(40.0, 3.0)}
        row(tmp_path, "msrvtt", "fine_tuned", seed, **parts, fused=every_metric(30.0, 2.0))
    assert judged(tmp_path, "lexicon_over_latent_tuned").outcome == "holds"
    found = judged(tmp_path, "fusion_over_both_tuned")
    assert [each.outcome for each in found.differences] == ["holds", "contradicted"]
    assert found.outcome == "contradicted"


def test_claims_on_other_corpora_are_judged_by_their_own_runs(tmp_path):
    ours = {"didemo": 30.0, "lsmdc": 15.0, "msvd": 49.0}
    for corpus, value in ours.items():
        for seed in range(2):
            row(tmp_path, "transfer", f"{corpus}_zero_shot", seed, preset="paper", fused=value)
    found = judged(tmp_path, "other_corpora_over_previous", "paper")
    first = [each for each in found.differences if each.inequality.metric == "R@1"]
    assert [each.ours.means[0] for each in first] == list(ours.values())
    assert {each.outcome for each in first} == {"holds"}


def test_the_msvd_claim_rests_on_the_first_protocol_alone(tmp_path):
    for seed in range(2):
        others = {"msvd/test": {"fused": 99.0}}
        options = {"preset": "paper", "places": others, "fused": 10.0}
        row(tmp_path, "transfer", "msvd_fine_tuned", seed, **options)
    found = judged(tmp_path, "tuned_over_clip", "paper").differences[2]
    assert found.ours.means == (10.0, 47.6)
    assert found.outcome == "contradicted"
    assert "CenterCLIP" in str(found.inequality) and found.rival.short == "CenterCLIP"


def test_action_claims_are_judged_split_by_split(tmp_path):
    for corpus, values in {"hmdb51": (39.0, 40.0, 41.0), "ucf101": (53.0, 50.0, 99.0)}.items():
        places = {f"{corpus}/test_{k}": {"fused": v} for k, v in enumerate(values, 1)}
        for seed in range(2):
            row(tmp_path, "action_recognition", corpus, seed, preset="paper", places=places)
    found = judged(tmp_path, "actions_over_previous", "paper")
    assert [each.ours.means[0] for each in found.differences] == [39.0, 40.0, 41.0, 53.0, 50.0]
    assert [each.outcome for each in found.differences] == [*["holds"] * 4, "contradicted"]


def on_classes(runs, classes, preset="mini", seeds=3):
    """Runs of UCF101; `classes`: name -> (latent, lexicon, fused)."""
    parts = ("latent", "lexicon", "fused")
    top1 = {name: dict(zip(parts, values, strict=True)) for name, values in classes.items()}
    for seed in range(seeds):
        options = {"preset": preset, "result": actions(top1)}
        row(runs, "action_recognition", "ucf101", seed, **options, fused=1.0)


def test_in_a_miniature_classes_are_sorted_by_their_names(tmp_path):
    classes = {
        **{"fire engine": (20.0, 60.0, 70.0), "guitar": (40.0, 60.0, 50.0)},
        **{"kangaroo spins": (80.0, 10.0, 90.0), "guitar moves left": (70.0, 50.0, 70.0)},
    }
    on_classes(tmp_path, classes)
    things = judged(tmp_path, "lexicon_over_latent_on_objects")
    assert (things.outcome, things.differences[0].ours.means) == ("holds", (60.0, 30.0))
    motion = judged(tmp_path, "latent_over_lexicon_on_motion")
    assert (motion.outcome, motion.differences[0].ours.means) == ("holds", (75.0, 30.0))
    page = claims.markdown(read_study(tmp_path))
    assert "in the miniature world, whose classes are made so" in page


def test_every_thing_of_the_miniature_world_is_told_from_its_motions_by_name():
    nouns = all_nouns()
    assert {kind(noun.name, is_miniature=True) for noun in nouns} == {THINGS}
    verbs = [verb for wordings in VERBS.values() for verb in wordings]
    assert {kind(f"{nouns[0].name} {v}", is_miniature=True) for v in verbs} == {MOTIONS}


def test_of_the_real_classes_the_named_ones_alone_are_judged(tmp_path):
    classes = {
        **{"billiards": (20.0, 10.0, 20.0), "horse riding": (40.0, 20.0, 40.0)},
        **{"mixing": (10.0, 20.0, 30.0), "ice dancing": (10.0, 20.0, 20.0)},
        **{"archery": (0.0, 100.0, 100.0), "yo yo": (100.0, 0.0, 100.0)},
    }
    on_classes(tmp_path, classes, preset="paper")
    things = judged(tmp_path, "lexicon_over_latent_on_objects", "paper")
    assert (things.outcome, things.differences[0].ours.means) == ("contradicted", (15.0, 30.0))
    motion = judged(tmp_path, "latent_over_lexicon_on_motion", "paper")
    assert (motion.outcome, motion.differences[0].ours.means) == ("contradicted", (10.0, 20.0))


def test_most_classes_are_those_won_less_those_lost(tmp_path):
    won, lost, equal = (50.0, 50.0, 60.0), (50.0, 40.0, 45.0), (50.0, 50.0, 50.0)
    classes = {f"class {k}": won for k in range(5)} | {"a": lost, "b": equal}
    on_classes(tmp_path, classes)
    latent, lexicon = judged(tmp_path, "fusion_over_both_on_classes").differences
    assert latent.ours.means == pytest.approx((500 / 7, 100 / 7))
    assert lexicon.ours.means == pytest.approx((600 / 7, 0.0))


def test_no_claim_rests_on_a_part_of_a_test_set(tmp_path):
    grounding(tmp_path, (30.0, 32.5, 35.0))
    part = {"coverage": {"msrvtt/test_1ka": coverage(39, 40, published=False)}}
    grounding(tmp_path, (20.0, 20.0, 25.0), "no_tsg", result=part)
    found = judged(tmp_path, "grounding_lifts")
    assert (found.outcome, found.commands) == ("not run", ())
    page = claims.markdown(read_study(tmp_path))
    assert "not run (no_tsg on an incomplete test set, left out)" in page


def test_a_part_is_known_by_the_published_size_where_nothing_was_counted(tmp_path):
    for seed in range(2):
        row(tmp_path, "msrvtt", "zero_shot", seed, preset="paper", queries=999, latent=90.0)
    assert judged(tmp_path, "latent_over_previous", "paper").outcome == "not run"


@pytest.mark.parametrize(
    ("side", "metric", "expected"),
    [
        (unified("no_sharing", "fused"), "R@1", 26.8),
        (grounded("mlm_only"), "R@5", 45.5),
        (grounded("freeze_only"), "MedR", 7.0),
        (grounded("tsg"), "video_relevant", None),
        (published(1, "MSR-VTT"), "R@1", 26.8),
        (published(1, "MSR-VTT"), "MedR", 7.0),
        (published(2, "DiDeMo", setting="fine-tuning"), "R@1", 45.7),
        (published(2, "DiDeMo", setting="fine-tuning", without=CLIP_BASED), "R@1", 37.0),
        (published(2, "DiDeMo", "BridgeFormer", "fine-tuning"), "R@1", 37.0),
        (published(3, "UCF101", "UNIFY"), "S2", 55.0),
    ],
)
def test_published_numbers_are_those_of_the_tables(side, metric, expected):
    assert number(side, metric) == expected


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.name)
def test_each_claim_speaks_of_rows_that_the_registry_has(claim):
    for side in (side for each in claim.inequalities for side in each.rows):
        labels = [variant.label for variant in SWEEPS[side.sweep].variants(PRESETS["mini"]())]
        assert side.label in labels
    assert claim.inequalities


def test_claims_have_names_of_their_own():
    assert len(BY_NAME) == len(CLAIMS) == sum(len(section.claims) for section in SECTIONS)


@pytest.mark.parametrize(
    "name",
    [claim.name for claim in CLAIMS if "Table" in claim.where],
)
def test_the_tables_of_the_paper_bear_its_statements_out(tmp_path, name):
    found = judged(tmp_path, name)
    against = [each for each in found.differences if each.published <= 0]
    assert len(against) <= found.claim.exceptions


def test_the_page_says_how_verdicts_are_made_and_which_claims_fail(tmp_path):
    grounding(tmp_path, (20.0, 20.0, 25.0))
    grounding(tmp_path, (30.0, 32.5, 35.0), "no_tsg")
    assert claims.main(["--runs", str(tmp_path), "--out", str(tmp_path / "out")]) == 0
    page = (tmp_path / "out" / "claims.md").read_text()
    assert page.startswith("# The paper's claims, put to the test\n")
    assert "decides nothing about the paper" in page
    assert "32 claims: 0 hold, 1 contradicted, 0 undecided, 31 not run." in page
    assert "Contradicted: `grounding_lifts`." in page
    assert "[`grounding_lifts`](#grounding_lifts)" in page and "### `grounding_lifts`" in page
    assert "No claim has been run with preset paper." in page


def test_the_csv_has_a_line_for_each_inequality_and_preset(tmp_path):
    grounding(tmp_path, (30.0, 32.5, 35.0))
    grounding(tmp_path, (20.0, 20.0, 25.0), "no_tsg")
    _, path = claims.write(read_study(tmp_path), tmp_path / "out")
    lines = list(csv.DictReader(path.open()))
    assert len(lines) == 2 * sum(len(claim.inequalities) for claim in CLAIMS)
    (line,) = [
        each for each in lines if (each["claim"], each["preset"]) == ("grounding_lifts", "mini")
    ]
    assert (line["paper"], line["ours"], line["verdict"]) == ("4.6000", "10.8333", "holds")
    assert (line["seeds_better"], line["seeds_worse"], line["paired"]) == ("3", "3", "True")


def test_verdicts_are_printed(tmp_path, capsys):
    grounding(tmp_path, (30.0, 32.5, 35.0))
    grounding(tmp_path, (20.0, 20.0, 25.0), "no_tsg")
    claims.main(["--runs", str(tmp_path)])
    printed = capsys.readouterr().out.splitlines()
    assert printed[0].split() == ["mini", "holds", "grounding_lifts"]
    assert printed[1:] == [
        f"wrote {tmp_path / 'reproduced' / name}" for name in ("claims.md", "claims.csv")
    ]


def test_without_any_run_all_is_not_run(tmp_path):
    page = claims.markdown(read_study(tmp_path))
    assert "0 hold, 0 contradicted, 0 undecided, 32 not run." in page
    assert "sweep.py semantics_grounding --only tsg no_tsg --seeds 0 1 2" in page


def test_no_folder_of_runs_is_one_line(tmp_path, capsys):
    assert claims.main(["--runs", str(tmp_path / "nowhere")]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "is no folder of runs" in line


def test_a_claim_of_ones_own_is_judged_the_same_way(tmp_path):
    claim = Claim(
        name="mine",
        says="Freezing beats MLM.",
        where="nowhere",
        inequalities=(over(grounded("freeze_only"), grounded("mlm_only")),),
    )
    grounding(tmp_path, (30.0, 32.5, 35.0), "freeze_only")
    grounding(tmp_path, (20.0, 20.0, 25.0), "mlm_only")
    assert verdict(read_study(tmp_path), "mini", claim).outcome == "holds"


def test_a_row_trained_by_another_sweep_is_used(tmp_path):
    for seed in range(2):
        values = {"latent": 20.0 + seed, "lexicon": 22.0, "fused": 30.0}
        row(tmp_path, "stem_depth", "N=9", seed, **values)
    assert judged(tmp_path, "fusion_over_both").differences[0].ours.seeds == (2, 2)
    content = json.loads(next(tmp_path.glob("*/*/result.json")).read_text())
    assert content["sweep"] == "stem_depth"
