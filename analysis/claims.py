"""The comparative statements of the paper's section 4, put to the test by the finished runs.

  python analysis/claims.py
  python analysis/claims.py --runs runs --out claims

Writes claims.md, which says how verdicts are made, and claims.csv, a line for each inequality.
"""

import sys
from pathlib import Path

import pandas

if not __package__:  # started as a script: import from the repository, not from this folder
    sys.path[0] = str(Path(__file__).resolve().parents[1])

from analysis import command
from analysis.judge import text as claim_text
from analysis.judge.claim import NOT_RUN, Difference, Verdict
from analysis.judge.statements import CLAIMS
from analysis.judge.verdict import verdict
from analysis.study import Study
from unify.files import write_atomically

TITLE = "The paper's claims, put to the test"


def main(argv: list[str] | None = None) -> int:
    """0, 2 where the runs cannot be read or the page cannot be written."""
    return command.main("claims.py", __doc__, _print_and_write, argv)


def judge(study: Study) -> list[Verdict]:
    """A verdict for each column and claim, in the paper's order."""
    return [verdict(study, column, claim) for column in study.columns for claim in CLAIMS]


def markdown(study: Study, level: int = 3) -> str:
    """The page, without a title; `level`: of its first headings."""
    return claim_text.page(judge(study), level)


def write(study: Study, out: Path) -> list[Path]:
    """Write claims.md and claims.csv into `out`; the paths written."""
    paths = [out / "claims.md", out / "claims.csv"]
    write_atomically(paths[0], f"# {TITLE}\n\n{markdown(study, level=2)}\n")
    rows = [_row(found, each) for found in judge(study) for each in found.differences]
    table = pandas.DataFrame(rows).astype({"seeds_better": "Int64", "seeds_worse": "Int64"})
    write_atomically(paths[1], table.to_csv(index=False, float_format="%.4f"))
    return paths


def _print_and_write(study: Study, out: Path) -> list[Path]:
    for found in judge(study):
        if found.outcome != NOT_RUN:
            print(f"{found.column:8}{found.outcome:14}{found.claim.name}")
    return write(study, out)


def _row(found: Verdict, each: Difference) -> dict[str, object]:
    ours = each.ours
    return {
        "claim": found.claim.name,
        "preset": found.column,
        "where": found.claim.where,
        "better": str(each.inequality.better),
        "worse": str(each.rival),
        "metric": each.inequality.metric,
        "paper": each.published,
        "ours": ours and ours.mean,
        "low": ours and ours.low,
        "high": ours and ours.high,
        "level": ours and ours.level,
        "seeds_better": ours and ours.seeds[0],
        "seeds_worse": ours and ours.seeds[1],
        "paired": ours and ours.paired,
        "mean_recall": each.recall and each.recall.mean,
        "outcome": each.outcome,
        "verdict": found.outcome,
    }


if __name__ == "__main__":
    sys.exit(main())
