"""The performance tables: of the committed records, with the bars that they reach or miss."""

import json
from pathlib import Path

import pytest

from analysis import performance
from analysis.speed.records import read_records
from experiments.benchmarks import record

README = Path(__file__).resolve().parents[2] / "README.md"


def head_rows(ours, plain, **more):
    """The paper's size with all words active."""
    common = {"size": "paper", "clips": 4, "tokens": 785, "width": 768, "words": 30522}
    common |= {"wanted": 1.0, "active": 1.0, "skewed": False, "frozen": False, **more}
    contestants = {"ours": ours, "plain": plain, "floor": 100}
    return [
        common
        | {"head": head, "ms": 2.0 * ms, "forward_ms": ms, "backward_ms": ms}
        | ({} if head == "floor" else {"extra_bytes": ms * 2**20})
        for head, ms in contestants.items()
    ]


def written(folder, rows, benchmark="lexicon_head", device="cpu"):
    path = folder / f"{benchmark}-{device}.json"
    record.write(path, benchmark, {"repeats": 2}, rows, device=device, argv=("--repeats", "2"))
    return path


def shown(capsys, folder):
    assert performance.main(["--records", str(folder)]) == 0
    return capsys.readouterr().out


def refused(capsys, *argv):
    assert performance.main(list(map(str, argv))) == 2
    said = capsys.readouterr().err
    assert len(said.splitlines()) == 1
    return said


def test_the_readme_has_the_tables_of_the_committed_records():
    text = README.read_text(encoding="utf-8")
    records = read_records(performance.RECORDS)
    assert performance.replaced(text, records) == text, (
        "python analysis/performance.py --write README.md"
    )


def test_ratios_bars_and_what_is_missing_are_shown(tmp_path, capsys):
    written(tmp_path, head_rows(ours=200, plain=500))
    text = shown(capsys, tmp_path)
    assert "| ours | 200 | 100 | 200 | 100 | 200 | 2.50 x | 2.50 x | 2.50 x | - | - |" in text
    assert "forward and backward beside plain, 100% active: 2.50 x, at least 2.20 x" in text
    reached, missed, unmeasured = (
        [line for line in text.splitlines() if line.endswith(end)]
        for end in (": reached", "**missed**", "not measured")
    )
    assert len(reached) == 1
    assert len(missed) == 2
    assert len(unmeasured) == 3
    assert "Not measured yet; `python experiments/benchmarks/zero_stages.py` measures it." in text
    assert "`python experiments/benchmarks/lexicon_head.py --repeats 2`, 20" in text


def test_each_case_is_compared_with_its_own_peers(tmp_path, capsys):
    some = head_rows(ours=100, plain=900, wanted=0.03, active=0.03)
    written(tmp_path, head_rows(ours=200, plain=500) + some)
    text = shown(capsys, tmp_path)
    assert "beside plain, 100% active: 2.50 x, at least 2.20 x" in text
    assert "beside plain, 3% active: 9.00 x, at least 2.80 x" in text


def test_a_gpu_has_its_own_bars(tmp_path, capsys):
    written(tmp_path, head_rows(ours=120, plain=500), device="NVIDIA H200")
    text = shown(capsys, tmp_path)
    assert "### The lexicon head, on NVIDIA H200" in text
    assert "at least 20 x asked: **missed**" in text
    assert "beside the bare matrix product: 0.83 x, at least 0.77 x asked: reached" in text


def test_a_training_step_and_engines_have_tables(tmp_path, capsys):
    step = {"case": "mini", "parameters": 1.8e6, "extra_bytes": 2**20, "mfu": 0.4, "floor_ms": 90}
    builds = {"transformers": 300.0, "ours": 150.0}
    rows = [
        step | {"build": build, "ms": ms, "clips_per_second": 32e3 / ms}
        for build, ms in builds.items()
    ]
    written(tmp_path, rows, "train_step")
    engine = {"size": "mini", "clips": 32, "processes": 2, "ms": 400.0, "overhead_ms": 50.0}
    more = {"samples_per_second": 80.0, "extra_bytes": None}
    written(tmp_path, [engine | more | {"engine": "ZeRO stage 0"}], "zero_stages")
    text = shown(capsys, tmp_path)
    assert "|  | ours | 1.8 M | 150 | 90 | 213 | 2.00 x | 40% | 1 |" in text
    assert "2.00 x, at least 1.50 x asked: reached" in text
    assert "| mini, 32 clips, processes: 2 | ZeRO stage 0 | 400 | 80 | 50 | 1.00 x | - |" in text


def test_writing_puts_the_tables_between_the_markers_and_nothing_else(tmp_path, capsys):
    written(tmp_path, head_rows(ours=200, plain=500))
    page = tmp_path / "page.md"
    page.write_text(f"before\n\n{performance.FIRST}\nold\n{performance.LAST}\n\nafter\n")
    again = ["--records", str(tmp_path), "--write", str(page)]
    assert performance.main(again) == 0
    once = page.read_text()
    assert performance.main(again) == 0
    assert page.read_text() == once
    assert once.startswith(f"before\n\n{performance.FIRST}\n")
    assert once.endswith(f"{performance.LAST}\n\nafter\n")
    assert "| ours |" in once
    assert "old" not in once


@pytest.mark.parametrize(
    "text",
    [
        *("", performance.FIRST, performance.LAST + performance.FIRST),
        performance.FIRST + performance.FIRST + performance.LAST,
    ],
)
def test_a_page_without_both_markers_is_left_alone(text, tmp_path, capsys):
    page = tmp_path / "page.md"
    page.write_text(text)
    assert "no place for the tables" in refused(capsys, "--records", tmp_path, "--write", page)
    assert page.read_text() == text


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text[: len(text) // 2],
        lambda text: "[]",
        lambda text: text.replace('"rows"', '"row"'),
        lambda text: json.dumps(json.loads(text) | {"rows": [1]}),
        lambda text: text.replace('"clips"', '"clip"'),
        lambda text: text.replace('"benchmark": "lexicon_head"', '"benchmark": "other"'),
        lambda text: text.replace('"forward_ms": 200', '"forward_ms": "200"'),
        lambda text: json.dumps(json.loads(text) | {"environment": {"packages": [1]}}),
    ],
)
def test_a_damaged_record_is_one_line(damage, tmp_path, capsys):
    path = written(tmp_path, head_rows(ours=200, plain=500))
    text = path.read_text()
    path.write_text(damage(text))
    assert path.read_text() != text
    assert "lexicon_head" in refused(capsys, "--records", tmp_path)


def test_a_folder_that_is_not_there_is_one_line(tmp_path, capsys):
    assert "no folder of benchmark records" in refused(capsys, "--records", tmp_path / "none")
