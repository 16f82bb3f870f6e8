import csv
import json
import resource
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from hand_made import coverage, row
from hand_made_tables import LABELS, table4_as_published

from analysis import table3, table4, table5
from experiments.registry import SWEEPS
from unify.config import PRESETS, signature, with_seed
from unify.config.codec import to_dict
from unify.records import RunDirectory

ROOT = Path(__file__).parents[2]


def run(capsys, runs, *options, module=table4):
    """Exit status, stdout, stderr."""
    runs.mkdir(exist_ok=True)
    status = module.main(["--runs", str(runs), *options])
    captured = capsys.readouterr()
    return status, captured.out, captured.err


def signature_of(label, preset):
    variants = SWEEPS["unified_learning"].variants(PRESETS[preset]())
    return {v.label: signature(v.config) for v in variants}[label]


def test_the_table_is_printed_as_markdown_and_nothing_is_written(tmp_path, capsys):
    runs = tmp_path / "runs"
    table4_as_published(runs)
    before = sorted(runs.rglob("*"))
    status, out, err = run(capsys, runs)
    assert (status, err) == (0, "")
    assert out.startswith("### Table 4")
    assert sorted(runs.rglob("*")) == before


def test_out_writes_the_files_too(tmp_path, capsys):
    status, out, err = run(capsys, tmp_path / "runs", "--out", str(tmp_path / "out"))
    assert status == 0 and out.startswith("### Table 4")
    assert [line.removeprefix("wrote ") for line in err.splitlines()] == [
        str(tmp_path / "out" / "tables" / f"table4.{ending}") for ending in ("md", "tex", "csv")
    ]


@pytest.mark.parametrize(
    "name, start",
    [("md", "###"), ("latex", "% needs"), ("csv", "part,"), ("tidy", "table,"), ("html", "<div")],
)
def test_each_format_is_printed_by_its_name(tmp_path, capsys, name, start):
    status, out, _ = run(capsys, tmp_path / "runs", "--format", name)
    assert status == 0
    assert out.startswith(start) and out.endswith("\n")


def test_check_is_content_where_every_cell_matches(tmp_path, capsys):
    table4_as_published(tmp_path)
    status, out, err = run(capsys, tmp_path, "--check")
    assert (status, out, err) == (
        0,
        "36 cells match, 0 differ, 0 are of incomplete test sets, 0 were not run\n",
        "",
    )


@pytest.mark.parametrize("value, side", [(35.0, "higher"), (20.0, "lower")])
def test_check_fails_where_a_cell_differs_on_either_side(tmp_path, capsys, value, side):
    table4_as_published(tmp_path, B={"latent": {"R@1": value}})
    status, out, err = run(capsys, tmp_path, "--check")
    assert status == 1
    assert out == "35 cells match, 1 differ, 0 are of incomplete test sets, 0 were not run\n"
    assert err == (
        "table4.py: differs: B (sharing), UNIFY-Latent, MSR-VTT R@1: "
        f"{value:.1f} is {side} than 26.9 (tolerance 2.9)\n"
    )


def test_check_names_what_was_not_run_with_its_command(tmp_path, capsys):
    table4_as_published(tmp_path)
    missing = next(tmp_path.glob("*/sharing-seed0-*"))
    (missing / "result.json").unlink()
    status, out, err = run(capsys, tmp_path, "--check")
    assert status == 2
    assert out == "24 cells match, 0 differ, 0 are of incomplete test sets, 12 were not run\n"
    assert len(err.splitlines()) == 3
    assert (
        "not run: B (sharing), UNIFY, MSR-VTT R@1 R@5 R@10 MedR: python experiments/sweep.py "
        "unified_learning --only sharing --preset paper" in err
    )


def test_check_says_that_cells_differ_even_where_others_are_missing(tmp_path, capsys):
    table4_as_published(tmp_path, B={"latent": {"R@1": 35.0}})
    (next(tmp_path.glob("*/no_sharing-*")) / "result.json").unlink()
    assert run(capsys, tmp_path, "--check")[0] == 1


def test_check_does_not_count_miniatures(tmp_path, capsys):
    table4_as_published(tmp_path, preset="mini")
    status, out, _ = run(capsys, tmp_path, "--check")
    assert (status, out) == (
        2,
        "0 cells match, 0 differ, 0 are of incomplete test sets, 36 were not run\n",
    )


def test_check_refuses_a_part_of_a_test_set_and_names_it(tmp_path, capsys):
    table4_as_published(tmp_path)
    for label in LABELS.values():
        give_coverage(next(tmp_path.glob(f"*/{label}-seed0-*")), 1000 - 10 * (label == "sharing"))
    status, out, err = run(capsys, tmp_path, "--check")
    assert status == 2
    assert out == ("24 cells match, 0 differ, 12 are of incomplete test sets, 0 were not run\n")
    assert err.splitlines()[0] == (
        "table4.py: incomplete: B (sharing), UNIFY-Latent, MSR-VTT R@1 R@5 R@10 MedR: 990 of 1000 "
        "clips (msrvtt/test_1ka); python experiments/data.py check msrvtt --root DIR names what is "
        "missing"
    )


def give_coverage(path, found):
    """Let a run's result say how much of its test set was there."""
    result = RunDirectory(path).result()
    counted = {"coverage": {"msrvtt/test_1ka": coverage(found, 1000)}}
    (path / "result.json").write_text(json.dumps({**result, **counted}))


def test_commands_of_actions_evaluate_every_split(tmp_path, capsys):
    made = row(tmp_path, "action_recognition", "ucf101", fused=1.0)
    _, out, _ = run(capsys, tmp_path, "--commands", module=table3)
    assert [line for line in out.splitlines() if str(made.path) in line] == [
        f"  evaluate: python experiments/evaluate.py {made.path} ucf101/test_{k}" for k in (1, 2, 3)
    ]


def test_commands_name_the_run_or_where_it_will_lie(tmp_path, capsys):
    made = row(tmp_path, "unified_learning", "sharing", latent=1.0, lexicon=1.0, fused=1.0)
    made.model_path.write_bytes(b"weights")
    status, out, _ = run(capsys, tmp_path, "--commands")
    assert status == 0
    entries = {}
    for line in out.splitlines():
        if not line.startswith(" "):
            entries[line] = found = []
        else:
            found.append(line.strip())
    assert len(entries) == 9 * 2
    where = "B (sharing), UNIFY, MSR-VTT, R@1 R@5 R@10 MedR, preset"
    assert entries[f"{where} mini"] == [
        f"train:    python experiments/sweep.py unified_learning --only sharing --runs {tmp_path}",
        f"evaluate: python experiments/evaluate.py {made.path} msrvtt/test_1ka",
    ]
    pattern = f"{tmp_path}/*/*-{signature_of('sharing', 'paper')}"
    assert entries[f"{where} paper"] == [
        "train:    python experiments/sweep.py unified_learning --only sharing --preset paper "
        f"--data-root DIR --runs {tmp_path}",
        f"evaluate: python experiments/evaluate.py {pattern} msrvtt/test_1ka",
    ]


def test_records_without_weights_are_evaluated_where_the_run_will_lie(tmp_path, capsys):
    made = row(tmp_path, "unified_learning", "sharing", latent=1.0, lexicon=1.0, fused=1.0)
    _, out, _ = run(capsys, tmp_path, "--commands")
    assert str(made.path) not in out
    assert f"evaluate.py {tmp_path}/*/*-{made.meta()['signature']} msrvtt/test_1ka" in out


def test_commands_evaluate_every_seed(tmp_path, capsys):
    made = [row(tmp_path, "semantics_grounding", "tsg", s, lexicon=1.0) for s in (0, 1)]
    for directory in made:
        directory.model_path.write_bytes(b"weights")
    _, out, _ = run(capsys, tmp_path, "--commands", module=table5)
    assert "--only tsg --seeds 0 1 " in out
    for directory in made:
        assert f"evaluate: python experiments/evaluate.py {directory.path} msrvtt/test_1ka\n" in out


def test_a_folder_that_is_not_there_is_one_line(tmp_path, capsys):
    status = table4.main(["--runs", str(tmp_path / "nowhere")])
    err = capsys.readouterr().err
    assert status == 2
    assert err == f"table4.py: {tmp_path / 'nowhere'} is no folder of runs; name one with --runs\n"


def test_an_unknown_format_is_an_error(tmp_path, capsys):
    with pytest.raises(SystemExit, match="2"):
        table4.main(["--runs", str(tmp_path), "--format", "pdf"])
    assert "pdf" in capsys.readouterr().err


def test_a_thousand_runs_are_tabulated_in_less_than_five_seconds(tmp_path):
    """Of the processor's time, imports included, as others may be at work on this machine."""
    for label in LABELS.values():
        made = row(tmp_path, "unified_learning", label, latent=25.0, lexicon=26.0, fused=27.0)
        copy(made.path, range(1, 334))
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "analysis/table4.py", "--runs", str(tmp_path), "--format", "tidy"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    lines = [x for x in csv.DictReader(StringIO(done.stdout)) if x["preset"] == "mini"]
    assert {(line["seeds"], line["std"]) for line in lines} == {("334", "0")}
    assert len(lines) == 36
    assert after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime < 5


def copy(path, seeds):
    """The same run with other seeds: a thousand are too slow to be made one by one."""
    config, meta = RunDirectory(path).config(), RunDirectory(path).meta()
    result = RunDirectory(path).result()
    for seed in seeds:
        other = path.with_name(f"{path.name}-{seed}")
        other.mkdir()
        seeded = with_seed(config, seed)
        mark = {"signature": signature(seeded)}
        fields = {**meta, **mark, "config": to_dict(seeded)}
        (other / "config.json").write_text(json.dumps(fields))
        (other / "result.json").write_text(json.dumps({**result, **mark, "seed": seed}))
