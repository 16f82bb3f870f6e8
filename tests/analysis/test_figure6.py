import csv

import pytest
from hand_made import record

from analysis import figure6

KNOWN = {"latent": 50.0, "lexicon": 40.0, "fused": 60.0}


def made(runs, *arguments):
    out = runs / "stem_depth"
    assert figure6.main(["--runs", str(runs), "--out", str(out), *arguments]) == 0
    rows = list(csv.DictReader((out / "figure6.csv").open()))
    return rows, (out / "figure6.md").read_text()


def row(rows, depth, representation, metric="R@10"):
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
    assert row(rows, 9, "fused") | {"mean": "69.0000", "std": "", "seeds": "1"} == row(
        rows, 9, "fused"
    )
    assert {r["representation"] for r in rows} == {"latent", "lexicon", "fused"}
    assert "undecided with one seed" in page
    assert (tmp_path / "stem_depth" / "figure6.png").read_bytes().startswith(b"\x89PNG")


def test_three_seeds_have_the_sample_standard_deviation(tmp_path):
    for seed, by in enumerate((-1.0, 0.0, 1.0)):
        for depth, drop in ((9, 0.0), (12, 10.0)):
            record(tmp_path, depth, seed, **shifted(by - drop))
    rows, page = made(tmp_path)
    found = row(rows, 9, "lexicon", "R@1")
    assert (found["mean"], found["std"], found["seeds"]) == ("40.0000", "1.0000", "3")
    assert "best at N = 9 (60.0), as in the paper" in page
    assert "N = 12 is -10.0 from N = 9, a decline as in the paper: beyond" in page


def test_what_the_miniature_does_not_show_is_said(tmp_path):
    for seed, by in enumerate((-1.0, 0.0, 1.0)):
        for depth in (6, 9, 12):
            record(tmp_path, depth, seed, **shifted(by + (20.0 if depth == 6 else 0.1 * depth)))
    _, page = made(tmp_path)
    assert "best at N = 6 (80.0), not at N = 9 (60.9): beyond" in page
    assert "N = 12 is +0.3 from N = 9, no decline, unlike the paper: undecided" in page


def test_a_missing_depth_is_said_and_never_counted_as_zero(tmp_path):
    record(tmp_path, 9, **KNOWN)
    rows, page = made(tmp_path)
    assert {r["stem_depth"] for r in rows} == {"9"}
    assert "The decline cannot be judged, N = 12 is missing" in page


def test_a_damaged_result_is_left_out(tmp_path, caplog):
    record(tmp_path, 9, **KNOWN)
    record(tmp_path, 12, **KNOWN).result_path.write_text("{")
    rows, _ = made(tmp_path)
    assert {r["stem_depth"] for r in rows} == {"9"}
    assert "figure6" not in caplog.text
    assert "N=12" in caplog.text


def test_runs_that_differ_in_more_than_depth_and_seed_are_not_mixed(tmp_path, capsys):
    old = record(tmp_path, 9, changes={"plan.epochs": 11}, **shifted(5.0))
    record(tmp_path, 9, **KNOWN)
    record(tmp_path, 12, **KNOWN)
    rows, _ = made(tmp_path)
    assert row(rows, 9, "fused")["mean"] == "60.0000"
    signature = old.meta()["signature"]
    expected = f"left out 1 other runs (plan.epochs=11): --group {signature} draws them"
    assert expected in capsys.readouterr().out
    rows, _ = made(tmp_path, "--group", signature)
    assert {r["stem_depth"] for r in rows} == {"9"}
    assert row(rows, 9, "fused")["mean"] == "65.0000"


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
    page = figure6.write(tmp_path, out=tmp_path / "out")[2].read_text()
    assert "Runs: preset mini, 1 to 3 seeds;" in page


def test_each_config_has_figures_of_its_own_and_mini_those_of_the_sweep(tmp_path):
    record(tmp_path, 9, preset="mini", **KNOWN)
    record(tmp_path, 9, 0, **KNOWN)
    record(tmp_path, 9, 1, **KNOWN)
    changed = record(tmp_path, 9, changes={"plan.epochs": 11}, **KNOWN)
    folder = tmp_path / "stem_depth"
    pages = {}
    for run in sorted(tmp_path.glob("stem_depth/N*")):
        signature = run.name.rpartition("-")[2]
        paths = figure6.write(tmp_path, member=signature)
        pages[paths[2].parent.relative_to(folder).as_posix()] = paths[2].read_text()
    (other,) = set(pages) - {".", "figures-smoke"}
    assert other.startswith("figures-")
    assert "Runs: preset mini, 1 seed;" in pages["."]
    assert "Runs: preset smoke, 2 seeds;" in pages["figures-smoke"]
    assert f"Runs: group {other.removeprefix('figures-')}, 1 seed;" in pages[other]
    assert f"--group {changed.meta()['signature']}" in pages[other]


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path, capsys):
    record(tmp_path, 9, **KNOWN)
    assert figure6.main(["--runs", str(tmp_path), "--out", "/proc/x"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("figure6.py: /proc/x")


@pytest.mark.parametrize("arguments", [[], ["--group", "123"]])
def test_without_runs_one_line_says_which_command_makes_them(tmp_path, capsys, arguments):
    assert figure6.main(["--runs", str(tmp_path), *arguments]) == 1
    error = capsys.readouterr().err
    assert "python experiments/sweep.py stem_depth" in error
    assert len(error.splitlines()) == 1
    assert not list(tmp_path.iterdir())
