"""Benchmark records as Markdown: tables, bars, and where it was measured."""

from collections.abc import Sequence

from analysis.errors import AnalysisError
from analysis.speed.layout import Bar, Layout, lines, reached
from analysis.speed.layouts import LAYOUTS
from analysis.speed.records import Record
from analysis.tabulate.text import markdown


def page(records: Sequence[Record]) -> str:
    """All tables, by benchmark and device; of a benchmark without a record, what makes one.

    Raises:
        AnalysisError: for a record that no layout is for, or whose rows lack what names a case.
    """
    known = {layout.benchmark for layout in LAYOUTS}
    for record in records:
        if record.benchmark not in known:
            raise AnalysisError(
                f"there is no table for a benchmark {record.benchmark}; known are "
                f"{', '.join(sorted(known))}"
            )
    return "\n".join(part for layout in LAYOUTS for part in _parts(layout, records))


def _parts(layout: Layout, records: Sequence[Record]) -> list[str]:
    found = [record for record in records if record.benchmark == layout.benchmark]
    if not found:
        command = f"python experiments/benchmarks/{layout.benchmark}.py"
        return [f"### {layout.title}\n\nNot measured yet; `{command}` measures it.\n"]
    return [_table(layout, record) for record in found]


def _table(layout: Layout, record: Record) -> str:
    place = "on CPU" if record.device == "cpu" else f"on {record.device}"
    header = ("", layout.contestant, *(column.title for column in layout.columns))
    try:
        table = markdown(header, _without_repeats(lines(layout, record)))
        bars = [_bar(bar, value) for bar, value in reached(layout, record)]
        below = _measured(record)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise AnalysisError(
            f"a record of {layout.benchmark} lacks what the table shows ({error}); "
            f"measure again: {record.command}"
        ) from error
    parts = [f"### {layout.title}, {place}", table.strip(), "\n".join(bars), below]
    return "\n\n".join(part for part in parts if part) + "\n"


def _without_repeats(table: list[list[str]]) -> list[list[str]]:
    """A case is named in its first line alone."""
    before = [None, *(line[0] for line in table[:-1])]
    pairs = zip(table, before, strict=True)
    return [["" if line[0] == old else line[0], *line[1:]] for line, old in pairs]


def _bar(bar: Bar, value: float | None) -> str:
    asked = f"at least {bar.column.show(bar.least)}"
    if value is None:
        return f"- {bar.text}: {asked} asked, not measured"
    outcome = "reached" if value >= bar.least else "**missed**"
    return f"- {bar.text}: {bar.column.show(value)}, {asked} asked: {outcome}"


def _measured(record: Record) -> str:
    """When, on what, with what."""
    found = record.environment
    gpus = [gpu.partition(",")[0] for gpu in found.get("gpus", ())]
    cores = f"{found.get('processor') or 'a CPU'}, {found.get('cpus')} cores"
    versions = [f"{name} {version}" for name, version in found.get("packages", {}).items()]
    git = found.get("git", {})
    commit = f"commit {str(git.get('commit'))[:7]}{' with changes' if git.get('dirty') else ''}"
    machine = ", ".join([cores, *gpus])
    software = ", ".join([f"Python {found.get('python')}", *versions])
    return f"`{record.command}`, {record.date}, {commit}: {machine}; {software}"
