import json
import random
from pathlib import Path
from shutil import copytree

import pytest
from hand_made import coverage, row

from analysis import reproduce
from analysis.command import RECORDS
from analysis.study import read_study
from unify.config import PRESETS, signature, warm_starts
from unify.records import RunDirectory

VALUES = {"latent": 31.0, "lexicon": 42.0, "fused": 53.0}


def made(runs: Path, *arguments: str) -> str:
    out = runs / "page"
    assert reproduce.main(["--runs", str(runs), "--out", str(out), *arguments]) == 0
    return (out / reproduce.PAGE).read_text()


def files(folder: Path) -> dict[str, bytes]:
    found = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


def section(page: str, title: str) -> str:
    return page.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


@pytest.fixture(scope="module")
def runs(tmp_path_factory) -> Path:
    """Three depths, one of them the default; the page is made."""
    folder = tmp_path_factory.mktemp("runs")
    for depth in (0, 9, 12):
        row(folder, "stem_depth", f"N={depth}", **VALUES)
    made(folder)
    return folder


@pytest.fixture
def page(runs) -> str:
    return (runs / "page" / reproduce.PAGE).read_text()


def test_the_page_holds_every_table_figure_and_claim_and_what_is_missing(page):
    titles = ("Summary", "Tables", "Figures", "Claims", "Open choices", "What is missing")
    for title in (*titles, "Provenance"):
        assert section(page, title).strip()
    for number in range(1, 6):
        assert f"Table {number}" in section(page, "Tables")
    assert "(figures/figure6.png)" in section(page, "Figures")
    assert "53.0" in section(page, "Tables")
    assert "python experiments/sweep.py paper --preset paper" in section(page, "What is missing")


def test_links_lead_to_files_that_are_there(runs, page):
    links = [text.partition(")")[0] for text in page.split("](")[1:]]
    local = [link for link in links if not link.startswith(("http", "#"))]
    assert local
    assert [link for link in local if not (runs / "page" / link).is_file()] == []


def test_a_figure_that_cannot_be_drawn_is_named_and_stops_nothing(runs, page):
    figures = section(page, "Figures")
    lines = [line for line in figures.splitlines() if line.startswith("Not drawn: ")]
    assert lines
    assert "python experiments/sweep.py semantics_grounding" in " ".join(lines)
    assert (runs / "page" / "figures" / "figure6.png").is_file()


def test_the_summary_counts_miniature_cells_apart_from_matching_ones(page):
    summary = section(page, "Summary")
    header, paper, mini = (
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in summary.splitlines()[1:6]
        if line.startswith("|") and "---" not in line
    )
    paper, mini = (dict(zip(header[1:], cells[1:], strict=True)) for cells in (paper, mini))
    assert (mini["matches"], mini["differs"], paper["miniature"]) == ("-", "-", "-")
    assert (paper["matches"], paper["differs"]) == ("0", "0")
    assert int(mini["miniature"]) == 2 * 3 * 4  # Table 1's and Table 4 C's three methods
    # Table 1's fine-tuned rows, Tables 2 and 3, Table 4 A and B, and Table 5
    assert int(mini["not run"]) == (3 + 18 + 2 + 2 * 3 + 4) * 4
    assert "No run of the paper's own preset" in summary


def test_a_truncated_and_a_failed_run_are_named_and_left_out(tmp_path, capsys):
    row(tmp_path, "stem_depth", "N=9", **VALUES)
    cut = row(tmp_path, "stem_depth", "N=0", latent=99.9, lexicon=99.9, fused=99.9)
    cut.result_path.write_text(cut.result_path.read_text()[:-40])
    failed = row(tmp_path, "stem_depth", "N=12", **VALUES)
    failed.result_path.unlink()
    failed.fail(RuntimeError("out of memory"))
    page = made(tmp_path)
    missing = section(page, "What is missing")
    assert f"stem_depth/{cut.path.name}" in missing
    assert f"`stem_depth/{failed.path.name}`: RuntimeError: out of memory" in missing
    assert "99.9" not in page
    assert str(tmp_path) not in missing.replace(f"--runs {tmp_path}", "")


def test_one_seed_has_no_spread_and_three_have_one(tmp_path):
    row(tmp_path, "flops", "normalised", **VALUES)
    assert "31.0 \N{PLUS-MINUS SIGN}" not in made(tmp_path)
    for seed in (1, 2):
        row(tmp_path, "flops", "normalised", seed, **VALUES)
    assert "31.0 \N{PLUS-MINUS SIGN} 0.0" in made(tmp_path)


def test_the_same_runs_give_the_same_bytes(tmp_path):
    seed = random.randrange(10**6)
    print(f"seed {seed}")
    draws = random.Random(seed)
    for sweep, label in (("semantics_grounding", "tsg"), ("flops", "normalised")):
        parts = ("lexicon",) if sweep == "semantics_grounding" else VALUES
        for k in (0, 1):
            row(tmp_path, sweep, label, k, **{part: draws.uniform(1, 100) for part in parts})
    made(tmp_path)
    first = files(tmp_path / "page")
    made(tmp_path)
    assert files(tmp_path / "page") == first


def test_the_page_of_other_runs_is_stale_and_stays_as_it_is(runs, tmp_path, capsys):
    out = tmp_path / "page"
    check = ["--out", str(out), "--check"]
    copytree(runs / "page", out)
    before = files(out)
    assert reproduce.main(["--runs", str(runs), *check]) == 0
    row(tmp_path / "more", "flops", "normalised", **VALUES)
    capsys.readouterr()
    assert reproduce.main(["--runs", str(tmp_path / "more"), *check]) == 1
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith(f"{out}: ")
    assert "the same command without --check writes them" in line
    assert files(out) == before


def test_files_that_were_edited_removed_or_left_over_are_stale(runs, tmp_path):
    out = tmp_path / "page"
    copytree(runs / "page", out)
    page = out / reproduce.PAGE
    page.write_text(page.read_text().replace("53.0", "63.0"))
    (out / "figures" / "figure6.pdf").unlink()
    (out / "figures" / "figure6.png").write_bytes(b"drawn by another version")
    (out / "tables" / "table9.md").write_text("of an earlier version")
    found = reproduce.stale(read_study(runs), out)
    assert found == ["REPRODUCE.md", "figures/figure6.pdf", "tables/table9.md"]


def test_changed_settings_have_a_page_and_commands_of_their_own(tmp_path):
    row(tmp_path, "flops", "normalised", changes={"plan.epochs": "5"}, **VALUES)
    assert reproduce.main(["--runs", str(tmp_path), "--set", "plan.epochs=5"]) == 0
    page = (next(tmp_path.glob("reproduced-????????")) / reproduce.PAGE).read_text()
    assert f"`python analysis/reproduce.py --runs {tmp_path} --set plan.epochs=5`" in page
    assert "--set plan.epochs=5" in section(page, "What is missing")


def test_a_study_of_the_papers_preset_has_its_column_alone(tmp_path):
    row(tmp_path, "flops", "normalised", preset="paper", **VALUES)
    page = made(tmp_path, "--preset", "paper")
    assert "miniature" not in section(page, "Summary").replace("| miniature |", "")
    assert "--preset paper" in page


def test_an_altered_paper_preset_is_called_so(tmp_path):
    changed = {"plan.epochs": "5"}
    row(tmp_path, "flops", "normalised", preset="paper", changes=changed, **VALUES)
    page = made(tmp_path, "--preset", "paper", "--set", "plan.epochs=5")
    summary = section(page, "Summary")
    assert "preset was altered" in summary and "is a miniature" not in summary
    assert "--preset paper --set plan.epochs=5`" in page


def test_a_page_of_incomplete_test_sets_refuses_them_as_the_paper_s_protocol(tmp_path):
    part = {"coverage": {"msrvtt/test_1ka": coverage(990, 1000)}}
    row(tmp_path, "stem_depth", "N=9", preset="paper", result=part, **VALUES)
    page = made(tmp_path)
    summary = section(page, "Summary")
    assert "Incomplete test sets: 24 of preset paper cells are not the paper's protocol" in summary
    assert "No run of the paper's own preset" not in summary
    assert "INCOMPLETE TEST SETS, so not the paper's protocol: " in section(page, "Tables")
    assert "incomplete: 990 of 1000 clips" in section(page, "Tables")
    assert "N=9, seed 0: 990 of 1000 clips" in section(page, "Figures")


def test_claims_that_were_decided_are_named_in_the_summary(tmp_path):
    for seed in range(3):
        row(tmp_path, "semantics_grounding", "tsg", seed, lexicon=40.0 + 2.5 * seed)
        row(tmp_path, "semantics_grounding", "no_tsg", seed, lexicon=10.0 + 2.5 * seed)
        row(tmp_path, "semantics_grounding", "mlm_only", seed, lexicon=70.0 + 2.5 * seed)
    summary = section(made(tmp_path), "Summary")
    lines = [line for line in summary.splitlines() if line.startswith("Claims of the paper")]
    assert lines[0].startswith("Claims of the paper, preset mini, holds: `grounding_lifts`")
    assert "contradicted: `freezing_lifts_beside_mlm`" in lines[1]


@pytest.mark.parametrize("content", ["missing", "empty", "warm starts", "other runs"])
def test_without_runs_of_a_row_one_line_says_what_to_do(tmp_path, capsys, content):
    runs = tmp_path / "runs"
    if content != "missing":
        runs.mkdir()
    if content == "warm starts":
        start = warm_starts(PRESETS["mini"]())["text"]
        path = runs / "warm_start" / f"text-{signature(start)}"
        warm = RunDirectory.create(path, start, label="text", sweep="warm_start", parents={})
        warm.finish({**warm.meta(), "metrics": [{"metric": "loss", "value": 1.0}]})
    if content == "other runs":
        row(runs, "stem_depth", "N=9", preset="smoke", **VALUES)
    assert reproduce.main(["--runs", str(runs), "--out", str(tmp_path / "out")]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("reproduce.py: ")
    expected = {"missing": "--runs", "other runs": "--preset"}
    assert expected.get(content, "python experiments/sweep.py paper") in line
    assert not (tmp_path / "out").exists()


def test_the_committed_page_is_what_the_committed_records_give():
    assert len(read_study(RECORDS).records) > 50
    assert reproduce.stale(read_study(RECORDS), RECORDS.parent) == []


def test_committed_records_carry_no_places_of_a_machine():
    paths = [path for path in RECORDS.rglob("*.json*") if path.name != "samples.json"]
    assert len(paths) > 50
    for path in paths:
        text = path.read_text()
        assert "/tmp/" not in text and "/home/" not in text, path
    for path in RECORDS.glob("*/*/config.json"):
        assert json.loads(path.read_text())["signature"] in path.parent.name
