import csv
import shutil

import pytest
from hand_made import record, row

from analysis import figure6
from analysis.errors import AnalysisError
from analysis.study import read_study

KNOWN = {"latent": 50.0, "lexicon": 40.0, "fused": 60.0}


def made(runs, *arguments, preset="smoke"):
    out = runs / "out"
    arguments = ["--runs", str(runs), "--out", str(out), "--preset", preset, *arguments]
    assert figure6.main(arguments) == 0
    rows = list(csv.DictReader((out / "figures" / "figure6.csv").open()))
    return rows, (out / "figures" / "figure6.md").read_text()


def cell(rows, depth, representation, metric="R@10"):
    wanted = {"stem_depth": str(depth), "representation": representation, "metric": metric}
    (found,) = [row for row in rows if wanted.items() <= row.items()]
    return found


def shifted(by):
    return {name: value + by for name, value in KNOWN.items()}


def test_one_seed_has_means_without_spread(tmp_path):
    for depth in (0, 9, 12):
        record(tmp_path, depth, **shifted(depth))
    rows, page = made(tmp_path)
    assert list(rows[0]) == ["stem_depth", "representation", "metric", "mean", "std", "seeds"]
    expected = {"mean": "69.0000", "std": "", "seeds": "1"}
    assert expected.items() <= cell(rows, 9, "fused").items()
    assert {r["representation"] for r in rows} == {"latent", "lexicon", "fused"}
    assert "undecided, with too few seeds" in page


def test_it_is_drawn_as_png_and_pdf_the_same_bytes_each_time(tmp_path):
    for depth in (0, 9, 12):
        record(tmp_path, depth, **shifted(depth))
    study = read_study(tmp_path, "smoke")
    paths = [figure6.write(study, tmp_path / name) for name in ("one", "two")]
    first, second = ([path.read_bytes() for path in written] for written in paths)
    assert [path.name for path in paths[0]] == [
        f"figure6.{kind}" for kind in ("png", "pdf", "csv", "md")
    ]
    assert first[0].startswith(b"\x89PNG") and first[1].startswith(b"%PDF")
    assert first == second


def test_three_seeds_have_the_sample_standard_deviation(tmp_path):
    for seed, by in enumerate((-1.0, 0.0, 1.0)):
        for depth, drop in ((9, 0.0), (12, 10.0)):
            record(tmp_path, depth, seed, **shifted(by - drop))
    rows, page = made(tmp_path)
    found = cell(rows, 9, "lexicon", "R@1")
    assert (found["mean"], found["std"], found["seeds"]) == ("40.0000", "1.0000", "3")
    assert "the highest mean is at N = 9 (60.0)." in page
    lines = {line.split(":")[0]: line for line in page.splitlines() if line.startswith("- ")}
    measured = "N = 12 is -10.0 [-12.5, -7.5] from N = 9: a decline"
    assert lines["- latent"].endswith(f"{measured}, as in the paper.")
    assert lines["- fused"].endswith(f"{measured}.")


def test_what_the_miniature_does_not_show_is_said(tmp_path):
    for seed, by in enumerate((-1.0, 0.0, 1.0)):
        for depth in (6, 9, 12):
            record(tmp_path, depth, seed, **shifted(by + (20.0 if depth == 6 else 0.1 * depth)))
    _, page = made(tmp_path)
    assert "the highest mean is at N = 6 (80.0), +19.1 over N = 9 (60.9)" in page
    assert "N = 12 is +0.3 [-2.2, +2.8] from N = 9: undecided." in page
    assert "unlike" not in page


def test_a_missing_depth_is_said_and_never_counted_as_zero(tmp_path):
    record(tmp_path, 9, **KNOWN)
    rows, page = made(tmp_path)
    assert {r["stem_depth"] for r in rows} == {"9"}
    assert "The decline cannot be judged: N = 12 is missing" in page
    assert "Not run: N=0, N=1," in page
    assert "sweep.py stem_depth --only N=0 N=1" in page


def test_a_damaged_result_is_left_out(tmp_path):
    record(tmp_path, 9, **KNOWN)
    record(tmp_path, 12, **KNOWN).result_path.write_text("{")
    rows, page = made(tmp_path)
    assert {r["stem_depth"] for r in rows} == {"9"}
    assert "N=12" in page.partition("Not run")[2]


def test_runs_that_differ_in_more_than_depth_and_seed_are_not_mixed(tmp_path):
    record(tmp_path, 9, changes={"plan.epochs": 11}, **shifted(5.0))
    record(tmp_path, 9, **KNOWN)
    record(tmp_path, 12, **KNOWN)
    rows, _ = made(tmp_path)
    assert cell(rows, 9, "fused")["mean"] == "60.0000"
    rows, _ = made(tmp_path, "--set", "plan.epochs=11")
    assert {r["stem_depth"] for r in rows} == {"9"}
    assert cell(rows, 9, "fused")["mean"] == "65.0000"


def test_runs_of_other_sweeps_count_where_they_fit(tmp_path):
    record(tmp_path, 12, **KNOWN)
    record(tmp_path, 9, sweep="msrvtt", **KNOWN)
    rows, _ = made(tmp_path)
    assert {r["stem_depth"] for r in rows} == {"9", "12"}


def test_one_branch_alone_is_drawn_alone(tmp_path):
    record(tmp_path, 9, lexicon=40.0)
    rows, page = made(tmp_path)
    assert {r["representation"] for r in rows} == {"lexicon"}
    assert "latent" not in page


def test_depths_with_fewer_seeds_than_others_are_not_counted_as_more(tmp_path):
    for depth, seed in ((8, 0), (9, 0), (9, 1), (9, 2)):
        record(tmp_path, depth, seed, preset="mini", **KNOWN)
    _, page = made(tmp_path, preset="mini")
    assert "preset mini, 1 to 3 seeds;" in page


def test_runs_of_the_paper_preset_have_a_figure_of_their_own(tmp_path):
    record(tmp_path, 9, preset="mini", **KNOWN)
    row(tmp_path, "stem_depth", "N=9", preset="paper", **shifted(5.0))
    study = read_study(tmp_path)
    names = [path.name for path in figure6.write(study, tmp_path / "out")]
    assert {"figure6.png", "figure6_paper.png", "figure6_paper.pdf"} <= set(names)
    folder = tmp_path / "out" / "figures"
    for name, mean in (("figure6", "60.0000"), ("figure6_paper", "65.0000")):
        rows = list(csv.DictReader((folder / f"{name}.csv").open()))
        assert cell(rows, 9, "fused")["mean"] == mean
    shutil.rmtree(tmp_path / "stem_depth")
    with pytest.raises(AnalysisError, match="no finished run for Figure 6"):
        figure6.caption(read_study(tmp_path))


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path, capsys):
    record(tmp_path, 9, preset="mini", **KNOWN)
    assert figure6.main(["--runs", str(tmp_path), "--out", "/proc/x"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("figure6.py: /proc/x")


@pytest.mark.parametrize("arguments", [[], ["--set", "plan.epochs=11"]], ids=["none", "others"])
def test_without_runs_one_line_says_which_command_makes_them(tmp_path, capsys, arguments):
    if arguments:
        record(tmp_path, 9, preset="mini", **KNOWN)
    assert figure6.main(["--runs", str(tmp_path), *arguments]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("figure6.py: no finished run for Figure 6; python")
    assert " ".join(["python experiments/sweep.py stem_depth", *arguments]) in line
    assert not (tmp_path / "reproduced").exists()
