import csv
import random

import pytest
from hand_made import actions, coverage, row

from analysis import figure3
from analysis.classes import classes
from analysis.draw.action_classes import CHOSEN, chosen, differences
from analysis.errors import AnalysisError
from analysis.study import read_study

PARTS = ("latent", "lexicon", "fused")


def run(runs, classes, seed=0, preset="mini", **result):
    """A run of UCF101; `classes`: name -> (latent, lexicon, fused)."""
    top1 = {name: dict(zip(PARTS, values, strict=True)) for name, values in classes.items()}
    options = {"preset": preset, "result": {**actions(top1), **result}}
    return row(runs, "action_recognition", "ucf101", seed, **options, fused=1.0)


def many(seed):
    """Twenty classes with differences between the branches that are all different."""
    print(f"seed {seed}")
    rng = random.Random(seed)
    ahead = rng.sample(range(-50, 50), 20)
    return {f"class {k:02}": (50.0, 50.0 + by, 60.0) for k, by in enumerate(ahead)}


def drawn(runs):
    assert figure3.main(["--runs", str(runs), "--out", str(runs / "out")]) == 0
    folder = runs / "out" / "figures"
    rows = list(csv.DictReader((folder / "figure3.csv").open()))
    return rows, (folder / "figure3.md").read_text()


def test_every_class_is_in_the_file_in_the_order_of_its_difference(tmp_path):
    made = many(random.randrange(10**6))
    run(tmp_path, made)
    rows, page = drawn(tmp_path)
    header = ["class", "clips", *PARTS, "lexicon less latent", "shown", "seeds"]
    assert list(rows[0]) == header
    ahead = {name: lexicon - latent for name, (latent, lexicon, _) in made.items()}
    assert [each["class"] for each in rows] == sorted(made, key=lambda name: -ahead[name])
    assert [float(each["lexicon less latent"]) for each in rows] == sorted(ahead.values())[::-1]
    assert "of 20 classes" in page and "UCF101, preset mini, 1 seed." in page


def test_both_sides_are_chosen_by_one_rule(tmp_path):
    made = many(random.randrange(10**6))
    swapped = {name: (lexicon, latent, fused) for name, (latent, lexicon, fused) in made.items()}
    found = []
    for folder, given in ((tmp_path / "a", made), (tmp_path / "b", swapped)):
        run(folder, given)
        table = chosen(differences(read_study(folder), "mini"))
        found.append(dict(zip(table["class"], table["shown"], strict=True)))
    ahead = {name for name, why in found[0].items() if why == "lexicon ahead"}
    behind = {name for name, why in found[0].items() if why == "latent ahead"}
    assert {name for name, why in found[1].items() if why == "lexicon ahead"} == behind
    assert {name for name, why in found[1].items() if why == "latent ahead"} == ahead
    assert max(len(ahead), len(behind)) <= CHOSEN


def test_equal_classes_are_on_no_side_and_those_of_the_paper_are_always_shown(tmp_path):
    far = {f"class {k}": (10.0, 90.0, 90.0) for k in range(2 * CHOSEN)}
    near = {"mixing": (50.0, 50.0, 60.0), "horse riding": (50.0, 51.0, 60.0)}
    run(tmp_path, {**far, **near, "archery": (50.0, 50.0, 40.0)})
    rows, page = drawn(tmp_path)
    why = {each["class"]: each["shown"] for each in rows}
    assert [name for name in far if why[name] == "lexicon ahead"] == list(far)[:CHOSEN]
    assert why["mixing"] == why["horse riding"] == "named in the paper"
    assert why["archery"] == ""
    assert f"ahead of the latent representation on {2 * CHOSEN + 1} and behind it on 0" in page
    assert "better than the better of the two on 2 and worse than it on 1" in page


def test_accuracies_are_means_over_seeds_and_clips_of_all_splits_count(tmp_path):
    run(tmp_path, {"a": (10.0, 20.0, 30.0)}, 0)
    given = {"latent": 100.0, "lexicon": 0.0, "fused": 0.0}
    two = {
        "ucf101/test_1": {"classes": [{"name": "a", "clips": 30, **given}]},
        "ucf101/test_2": {"classes": [{"name": "a", "clips": 10, **given, "latent": 0.0}]},
        "ucf101/test_3": {"classes": [{"name": "a", "clips": 0}]},
    }
    made = run(tmp_path, {}, 1, actions=two)
    (record,) = [r for r in read_study(tmp_path).records if r.path == made.path]
    (one,) = classes(record)
    assert (one.clips, one.top1["latent"]) == (40, 75.0)
    (line,) = drawn(tmp_path)[0]
    assert (line["latent"], line["lexicon"], line["seeds"]) == ("42.5000", "10.0000", "2")


def test_the_same_bytes_each_time(tmp_path):
    run(tmp_path, many(random.randrange(10**6)))
    study = read_study(tmp_path)
    written = [figure3.write(study, tmp_path / name) for name in ("one", "two")]
    assert [path.suffix for path in written[0]] == [".png", ".pdf", ".csv", ".md"]
    first, second = ([path.read_bytes() for path in paths] for paths in written)
    assert first == second
    assert first[0].startswith(b"\x89PNG") and first[1].startswith(b"%PDF")


def test_runs_of_the_paper_preset_have_a_figure_of_their_own(tmp_path):
    run(tmp_path, {"billiards": (10.0, 20.0, 30.0)}, preset="paper")
    names = [path.name for path in figure3.write(read_study(tmp_path), tmp_path / "out")]
    assert names[:3] == ["figure3_paper.png", "figure3_paper.pdf", "figure3_paper.csv"]


def test_a_part_of_the_test_sets_is_said(tmp_path):
    counted = {"ucf101/test_2": coverage(8, 9, published=False)}
    run(tmp_path, {"a": (10.0, 20.0, 30.0)}, coverage=counted)
    _, page = drawn(tmp_path)
    assert "INCOMPLETE TEST SETS" in page and "8 of 9 clips of ucf101/test_2" in page


def test_without_accuracies_of_classes_one_line_says_what_makes_them(tmp_path, capsys):
    row(tmp_path, "action_recognition", "ucf101", fused=50.0)
    assert figure3.main(["--runs", str(tmp_path)]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "python experiments/sweep.py action_recognition --only ucf101" in line
    with pytest.raises(AnalysisError, match="no finished run for Figure 3"):
        figure3.caption(read_study(tmp_path))
