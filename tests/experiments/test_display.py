"""The live table, drawn on a console of known size."""

import io

import pytest
from rich.console import Console

from experiments.base import base_config
from experiments.display import LiveTable
from experiments.plan import make_plan
from experiments.registry import SWEEPS


@pytest.fixture
def drawn(tmp_path):
    """Text of the table of all the paper's runs, two running, one failed, on so many lines."""
    base = base_config("smoke", {})
    plan = make_plan(SWEEPS["paper"], base, preset="smoke", runs=tmp_path / "runs")

    def draw(height):
        console = Console(file=io.StringIO(), width=200, height=height)
        table = LiveTable(plan, console.print, height=height)
        status = dict.fromkeys((run.signature for run in plan.everything), "waiting")
        for run, state in zip(plan.runs, ("running", "running", "failed"), strict=False):
            status[run.signature] = state
        table.update(status)
        return console.file.getvalue(), plan

    return draw


def test_all_runs_are_shown_where_there_is_room(drawn):
    text, plan = drawn(200)
    assert all(f" {run.name} " in text for run in plan.everything)


def test_a_small_terminal_shows_what_runs_or_failed_and_counts_the_rest(drawn):
    text, plan = drawn(24)
    shown = [run.name for run in plan.everything if f" {run.name} " in text]
    assert shown == [run.name for run in plan.runs[:3]]
    assert f"{len(plan.everything) - 3} waiting, 2 running, 1 failed" in text
    assert len(text.splitlines()) < 24
