"""Section 4 of the paper as claims: every statement that compares two numbers.

To add one, append a `Claim` to a section; `python analysis/claims.py` does the rest.
"""

from analysis.judge.statements.ablations import GROUNDING, UNIFIED
from analysis.judge.statements.complementarity import COMPLEMENTARITY
from analysis.judge.statements.results import RESULTS

SECTIONS = (RESULTS, COMPLEMENTARITY, GROUNDING, UNIFIED)
"""In the paper's order."""

CLAIMS = tuple(claim for section in SECTIONS for claim in section.claims)
