"""How a page was made and how its numbers are to be read, in words."""

import shlex
from collections.abc import Iterable

from analysis.command import RECORDS
from analysis.judge.claim import CONTRADICTED, HOLDS
from analysis.pages.page import Page
from analysis.pages.provenance import counted
from analysis.study import ALTERED, PAPER, Study
from analysis.tabulate.table import DIFFERS, INCOMPLETE, MATCHES

NEEDS = {PAPER: "These need the real corpora, `--data-root DIR`, and several GPUs."}
"""What the commands of a column need beside themselves; Markdown."""


def command(study: Study, script: str) -> str:
    """The command that makes the page again."""
    words = ["python", f"analysis/{script}.py"]
    if study.source is not None and not study.is_committed:
        words += ["--runs", str(study.source)]
    return shlex.join(words + study.options(list(study.columns)[-1]))


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


def title(column: str) -> str:
    """What a column is."""
    names = {PAPER: "The paper's own preset", ALTERED: "The paper's preset, altered"}
    return names.get(column, f"Miniature: preset {column}")


def reading(page: Page) -> list[str]:
    """What was found and how the numbers are to be read: a Markdown paragraph each."""
    return [
        *_of_paper(page),
        *_of_parts(page),
        *(_of_other(column) for column in page.study.miniature),
        *_of_claims(page),
        "Missing numbers are dashes, and the command that would make them is named; a single seed "
        "has no standard deviation.",
    ]


def _of_paper(page: Page) -> Iterable[str]:
    cells = page.cells(PAPER)
    if not cells[MATCHES] + cells[DIFFERS] + cells[INCOMPLETE]:
        yield (
            "**No run of the paper's own preset is among these records.** Nothing here confirms or "
            "refutes a published number: that takes CC3M, WebVid-2M and several GPUs."
        )


def _of_parts(page: Page) -> Iterable[str]:
    """The refusal, where cells are of parts of test sets."""
    counts = {column: page.cells(column)[INCOMPLETE] for column in page.study.columns}
    said = ", ".join(f"{count} of preset {column}" for column, count in counts.items() if count)
    if said:
        yield (
            f"**Incomplete test sets: {said} cells are not the paper's protocol.** Each carries "
            "how much of its test set was there; none counts as matching, and no claim rests on it."
        )


def _of_other(column: str) -> str:
    if column == ALTERED:
        return (
            "**The paper's preset was altered**, so these numbers are not of what the paper "
            "describes, and never count as matching."
        )
    return (
        f"**`{column}` is a miniature.** Its numbers come from a world that is drawn on the fly "
        "and from tiny models. They have columns of their own and never count as matching. What "
        "they can say is whether the parts do what the paper says of them, at this size."
    )


def _of_claims(page: Page) -> Iterable[str]:
    """Names of the claims that were decided."""
    for column in page.study.columns:
        for outcome in (HOLDS, CONTRADICTED):
            found = [v for v in page.verdicts if (v.column, v.outcome) == (column, outcome)]
            if found:
                names = ", ".join(f"`{verdict.claim.name}`" for verdict in found)
                yield f"Claims of the paper, preset {column}, {outcome}: {names}."


def _records(study: Study) -> str:
    if study.source is None:
        return ""
    own = study.source.resolve() == RECORDS.resolve()
    return "analysis/records" if own else str(study.source)


def _runs(page: Page) -> str:
    starts = len(page.runs) - len(page.trained)
    return f"{len(page.trained)}, and {starts} warm starts that they share"
