"""How a page was made and how its numbers are to be read, in words."""

import shlex
from collections.abc import Iterable

from analysis.command import RECORDS
from analysis.page import Page
from analysis.provenance import counted
from analysis.study import PAPER, Study

NEEDS = {PAPER: "These need the real corpora, `--data-root DIR`, and several GPUs."}
"""What the commands of a column need beside themselves; Markdown."""


def command(study: Study, script: str) -> str:
    """The command that makes the page again."""
    words = ["python", f"analysis/{script}.py"]
    if study.source is not None and study.source.resolve() != RECORDS.resolve():
        words += ["--runs", str(study.source)]
    other = list(study.columns)[-1]
    words += [] if other == "mini" else ["--preset", other]
    changes = [f"{name}={value}" for name, value in study.changes.items()]
    return shlex.join(words + ["--set", *changes] * bool(changes))


def facts(page: Page, script: str) -> dict[str, str]:
    """What, from what, where and how long; values are plain text."""
    found = {
        "Command": command(page.study, script),
        "Records": _records(page.study),
        "Runs": _runs(page),
        "Seeds": ", ".join(map(str, sorted({run.seed for run in page.trained}))),
        "Hours": f"{page.hours:.1f}, the sum over all runs",
        "Machine": counted(run.machine for run in page.runs),
        "Commit": counted(run.commit for run in page.runs),
        "Left out as damaged": ", ".join(page.damaged),
    }
    return {name: value for name, value in found.items() if value}


def reading(page: Page) -> list[str]:
    """How the numbers are to be read: a Markdown paragraph each."""
    return [
        *_of_paper(page),
        *(paragraph for column in page.study.miniature for paragraph in _of_miniature(column)),
        "Missing numbers are dashes, and the command that would make them is named; a single seed "
        "has no standard deviation.",
    ]


def _of_paper(page: Page) -> Iterable[str]:
    if PAPER not in page.study.columns:
        return
    cells = page.cells(PAPER)
    if not cells["matches"] + cells["differs"]:
        yield (
            "**No run of the paper's own preset is among these records.** Nothing here confirms or "
            "refutes a published number: that takes CC3M, WebVid-2M and several GPUs."
        )


def _of_miniature(column: str) -> Iterable[str]:
    yield (
        f"**`{column}` is a miniature.** Its numbers come from a world that is drawn on the fly "
        "and from tiny models. They have columns of their own and never count as matching. What "
        "they can say is whether the parts do what the paper says of them, at this size."
    )


def _records(study: Study) -> str:
    if study.source is None:
        return ""
    own = study.source.resolve() == RECORDS.resolve()
    return "analysis/records" if own else str(study.source)


def _runs(page: Page) -> str:
    starts = len(page.runs) - len(page.trained)
    return f"{len(page.trained)}, and {starts} warm starts that they share"
