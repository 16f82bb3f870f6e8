"""What has not been run, and the commands that would do it."""

from dataclasses import dataclass

from analysis.study import Study
from experiments.registry import SWEEPS


@dataclass(frozen=True, kw_only=True)
class Missing:
    """Rows of a sweep without a finished run."""

    column: str
    sweep: str
    labels: tuple[str, ...]
    of: int
    """Rows that the sweep has."""
    command: str

    @property
    def text(self) -> str:
        """Which rows, in words."""
        if len(self.labels) == self.of:
            return f"all {self.of} rows" if self.of > 1 else "its row"
        return ", ".join(self.labels)


def missing(study: Study) -> list[Missing]:
    """Every sweep with rows that no run has finished, column by column."""
    found = (_missing(study, column, name) for column in study.columns for name in SWEEPS)
    return [each for each in found if each.labels]


def _missing(study: Study, column: str, name: str) -> Missing:
    """Of a sweep made of other sweeps nothing: its rows are theirs."""
    variants = [] if SWEEPS[name].parts else SWEEPS[name].variants(study.columns[column])
    lacking = tuple(v.label for v in variants if not study.runs(column, name, v.label))
    named = lacking if len(lacking) < len(variants) else ()
    return Missing(
        column=column,
        sweep=name,
        labels=lacking,
        of=len(variants),
        command=study.command(column, name, named),
    )
