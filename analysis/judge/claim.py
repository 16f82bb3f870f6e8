"""Comparative statements as inequalities between rows, and what finished runs say of them."""

from dataclasses import dataclass

from analysis.judge.intervals import Estimate

HOLDS, CONTRADICTED, UNDECIDED, NOT_RUN = "holds", "contradicted", "undecided", "not run"
OUTCOMES = (HOLDS, CONTRADICTED, UNDECIDED, NOT_RUN)


@dataclass(frozen=True, kw_only=True)
class Row:
    """A representation of a row of the registry."""

    sweep: str
    label: str
    part: str
    """latent, lexicon or fused."""

    @property
    def names(self) -> tuple[str, str, str]:
        """What tells it from others."""
        return self.part, self.label, self.sweep

    @property
    def short(self) -> str:
        """What tells it from others of its kind."""
        return self.label

    def __str__(self) -> str:
        return f"{self.part} of {self.sweep}/{self.label}"


@dataclass(frozen=True, kw_only=True)
class Published:
    """A method of one of the paper's tables: a number that nobody here has measured."""

    table: int
    setting: str
    dataset: str
    method: str = ""
    """The best of all that the paper compares itself with, where it is not named."""
    without: tuple[str, ...] = ()
    """Methods that this best is not chosen from."""

    @property
    def names(self) -> tuple[str, str, str]:
        """What tells it from others."""
        best = f"best previous method but {', '.join(self.without)}".removesuffix(" but ")
        return self.method or best, self.dataset, self.setting

    @property
    def short(self) -> str:
        """What tells it from others of its kind."""
        return self.names[0]

    def __str__(self) -> str:
        return "{} ({}, {})".format(*self.names)


Side = Row | Published


@dataclass(frozen=True, kw_only=True)
class Inequality:
    """One side does better than the other (or than the best of several others)."""

    better: Side
    worse: tuple[Side, ...]
    metric: str = "R@1"

    def __str__(self) -> str:
        """Such as "tsg > no_tsg (lexicon, semantics_grounding)": what both share is said once."""
        if self.of_paper:
            best = "best of " * (len(self.worse) > 1)
            return f"{self.better} > {best}{', '.join(map(str, self.worse))}"
        pairs = list(zip(self.better.names, self.worse[0].names, strict=True))
        shared = ", ".join(one for one, other in pairs if one == other)
        better, worse = (" ".join(pair[k] for pair in pairs if len(set(pair)) > 1) for k in (0, 1))
        worse = worse if len(self.worse) == 1 else f"best of {len(self.worse)} others"
        return f"{better} > {worse} ({shared})"

    @property
    def rows(self) -> list[Row]:
        """The rows of the registry that it speaks of."""
        return [side for side in (self.better, *self.worse) if isinstance(side, Row)]

    @property
    def of_paper(self) -> bool:
        """Whether it speaks of a published number, which runs of the paper's preset alone are held
        against."""
        return any(isinstance(side, Published) for side in self.worse)


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A statement of the paper's section 4."""

    name: str
    says: str
    """The statement, in our words."""
    where: str
    """Section, and table or figure."""
    inequalities: tuple[Inequality, ...]
    exceptions: int = 0
    """How many of the inequalities may fail; all must hold where none."""
    note: str = ""
    """Where the paper contradicts itself, or what was decided in turning words to numbers."""


@dataclass(frozen=True, kw_only=True)
class Difference:
    """What runs say of one inequality; positive where the better side is better."""

    inequality: Inequality
    published: float | None
    """From the paper's tables."""
    ours: Estimate | None
    recall: Estimate | None
    """Of the mean of R@1, R@5 and R@10, where `ours` is of R@1: shown, never judged."""
    rival: Side
    """The other side; of several, the one with the highest mean."""
    outcome: str
    missing: tuple[Row, ...]
    """Rows without a finished run that measured it."""
    partial: tuple[Row, ...]
    """Rows with runs on a part of the test set, which do not count."""
    lacking: tuple[Row, ...]
    """The missing, and rows with too few seeds for an interval, whichever is the rival for now."""


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What the runs of one column say of a claim."""

    claim: Claim
    column: str
    differences: tuple[Difference, ...]
    outcome: str
    commands: tuple[str, ...]
    """What trains the missing rows, or more seeds of rows with too few."""
