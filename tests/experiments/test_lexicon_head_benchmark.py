"""The lexicon head's benchmark: what it measures is what it says, and only of what is right."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from analysis.speed.records import read_records
from analysis.speed.text import page
from experiments.benchmarks import lexicon_head, record
from experiments.benchmarks.head_check import largest_error, truth, without_doubt
from experiments.benchmarks.head_inputs import (
    Size,
    best_tokens,
    make_inputs,
    shifted,
    won_by_busy,
)
from experiments.benchmarks.head_pass import Pass
from experiments.benchmarks.heads import Contestant, checkpointed, max_first, plain
from experiments.benchmarks.measuring import alternate, extra_memory
from unify.kernels import lexicon_pool

CPU = torch.device("cpu")
SMALL = Size(name="small", clips=3, tokens=20, width=8, words=90, checked=3)
TINY = ("--clips", "2", "--words", "80", "--repeats", "1")


def inputs(share, *, skewed=False, size=SMALL):
    """Inputs at a share of active words, and their best tokens."""
    raw = make_inputs(size, skewed=skewed, dtype=torch.float32, device=CPU)
    best = best_tokens(raw.first(size.checked))
    made = shifted(raw, best, share)
    return made, best.after(raw.bias, made.bias)


def error_of(head, share=0.3, *, frozen=False):
    made, best = inputs(share)
    checked = without_doubt(made, best)
    one = Pass(Contestant("it", head), checked, frozen)
    return largest_error(one, truth(checked, best), "small")


@pytest.fixture
def no_sentence_transformers(monkeypatch):
    """As where it is not installed: importing it takes longer than all else here."""
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)


def test_all_cases_are_printed_recorded_and_tabulated(tmp_path, capsys, no_sentence_transformers):
    output = tmp_path / "lexicon_head-cpu.json"
    assert lexicon_head.main([*TINY, "--output", str(output)]) == 0
    printed = capsys.readouterr().out
    (found,) = read_records(tmp_path)
    assert found.command == f"python experiments/benchmarks/lexicon_head.py {' '.join(TINY)}"
    measured = [row for row in found.rows if "note" not in row]
    for row in measured:
        assert row["active"] == pytest.approx(row["wanted"], abs=0.05)
        assert row["forward_ms"] + row["backward_ms"] == row["ms"] > 0
        assert row["head"] == "floor" or row["error"] < 1e-4
        assert f"{row['ms']:.2f}" in printed
    for size in ("mini, used words", "mini"):
        of_size = [row for row in measured if row["size"] == size]
        assert {row["wanted"] for row in of_size} == {1.0, 0.1, 0.03}
        assert {(row["skewed"], row["frozen"]) for row in of_size} == {
            *((False, False), (True, False), (False, True))
        }
    (absent,) = {row["note"] for row in found.rows if row["head"] == "SpladePooling"}
    assert absent == "sentence-transformers is not installed"
    ours, peer = (
        next(row for row in measured if row["head"] == head) for head in ("ours", "plain")
    )
    assert f"| {peer['ms'] / ours['ms']:.2f} x |" in page([found])


@pytest.mark.parametrize("head", [lexicon_pool, plain, max_first, checkpointed])
@pytest.mark.parametrize("share", [1.0, 0.1])
def test_what_is_right_passes_the_check(head, share):
    assert error_of(head, share) < 1e-5
    assert error_of(head, share, frozen=True) < 1e-5


@pytest.mark.parametrize(
    ("head", "what"),
    [
        (lambda h, w, b, m: 1.001 * plain(h, w, b, m), "word weights"),
        (lambda h, w, b, m: plain(2 * h - h.detach(), w, b, m), "gradient of hidden"),
        (lambda h, w, b, m: plain(h, 2 * w - w.detach(), b, m), "gradient of weight"),
        (lambda h, w, b, m: plain(h, w, 2 * b - b.detach(), m), "gradient of bias"),
        (lambda h, w, b, m: plain(h, w, b, torch.ones_like(m)), "word weights"),
        (lambda h, w, b, m: plain(h, w, b, m) * torch.nan, "word weights"),
    ],
)
def test_what_is_wrong_is_never_timed(head, what):
    with pytest.raises(ValueError, match=f"it is wrong, small: its {what}"):
        error_of(head)


@pytest.mark.parametrize("share", [1.0, 0.1, 0.03])
def test_the_wanted_share_of_words_is_active(share):
    made, best = inputs(share)
    active = lexicon_pool(made.hidden, made.weight, made.bias, made.mask) > 0
    assert active.float().mean() == pytest.approx(share, abs=0.01)
    assert torch.equal(active, best.value > 0)


def test_of_skewed_inputs_few_tokens_win_most_words():
    size = Size(name="long", clips=2, tokens=200, width=16, words=300, checked=2)
    assert won_by_busy(inputs(0.1, size=size)[1]) < 0.5
    assert won_by_busy(inputs(0.1, skewed=True, size=size)[1]) > 0.8


def test_contestants_take_turns_in_their_order():
    called = []
    calls = {name: lambda name=name: called.append(name) for name in "ab"}
    found = alternate(calls, 3, CPU)
    assert called == list("ababab")
    assert set(found) == {"a", "b"}
    assert all(seconds > 0 for seconds in found.values())


@pytest.mark.parametrize("returned", [True, False])
def test_extra_memory_is_the_highest_point_whether_returned_or_not(returned):
    def call():
        made = torch.ones(2**25)  # 128 MiB
        return made if returned else None

    call()
    assert extra_memory(call, CPU) == pytest.approx(2**27, rel=0.1)
    assert extra_memory(lambda: None, CPU) < 2**22


def test_a_record_names_the_command_without_where_it_ran_and_went():
    given = ["--words", "80", "--output", "x.json", "--executor", "slurm", "--profile", "cpu"]
    line = record.command("lexicon_head", given)
    assert line == "python experiments/benchmarks/lexicon_head.py --words 80"


@pytest.mark.slow
def test_sentence_transformers_takes_part_where_it_is_installed(tmp_path):
    pytest.importorskip("sentence_transformers")
    output = tmp_path / "lexicon_head-cpu.json"
    script = Path(lexicon_head.__file__)
    done = subprocess.run([sys.executable, script, *TINY, "--output", output], text=True)
    assert done.returncode == 0
    rows = [row for row in json.loads(output.read_text())["rows"] if row["head"] == "SpladePooling"]
    assert rows
    assert all(row["ms"] > 0 and row["error"] < 1e-4 for row in rows)
