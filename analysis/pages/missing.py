"""What has not been run, and the commands that would do it."""

from dataclasses import dataclass

from analysis.study import PAPER, Study
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
    """Every sweep with rows that no run has finished, miniatures first; of a column without any run
    the sweep that is made of all."""
    columns = sorted(study.columns, key=lambda column: column == PAPER)
    return [each for column in columns for each in _of_column(study, column)]


def _of_column(study: Study, column: str) -> list[Missing]:
    found = [_missing(study, column, name) for name in SWEEPS if not SWEEPS[name].parts]
    if all(len(each.labels) == each.of for each in found):
        found = [_missing(study, column, "paper")]
    return [each for each in found if each.labels]


def _missing(study: Study, column: str, name: str) -> Missing:
    variants = study.variants(column, name)
    lacking = tuple(v.label for v in variants if not study.runs(column, name, v.label))
    named = lacking if len(lacking) < len(variants) else ()
    return Missing(
        column=column,
        sweep=name,
        labels=lacking,
        of=len(variants),
        command=study.command(column, name, named),
    )
