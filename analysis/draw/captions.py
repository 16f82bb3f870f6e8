"""What is said beside a figure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from analysis.coverage import shortfall
from analysis.errors import AnalysisError
from analysis.results import Record
from analysis.study import PAPER, Study
from unify.files import write_atomically


def figure(name: str, column: str) -> str:
    """The file name of a column's figure, without its ending."""
    return f"{name}_paper" if column == PAPER else name


def write_caption(folder: Path, name: str, title: str, text: str, pictures: Iterable[Path]) -> Path:
    """A page of its own for a figure: title, pictures, text; its path."""
    shown = [f"![{title}]({path.name})" for path in pictures if path.suffix == ".png"]
    path = folder / f"{name}.md"
    write_atomically(path, "\n\n".join([f"# {title}", *shown, text]) + "\n")
    return path


def seeds(runs: Mapping[str, Sequence[Record]]) -> str:
    """How many seeds the rows with runs have, such as "1 to 3 seeds"."""
    counts = Counter(len(found) for found in runs.values() if found)
    fewest, most = min(counts), max(counts)
    span = str(most) if fewest == most else f"{fewest} to {most}"
    return f"{span} {'seed' if most == 1 else 'seeds'}"


def missing(study: Study, column: str, sweep: str, runs: Mapping[str, Sequence[Record]]) -> str:
    """Names the rows without runs and what would train them, and those on a part of their test
    sets; nothing where there is none of either."""
    labels = [label for label, found in runs.items() if not found]
    if not labels:
        return partial(runs)
    command = study.command(column, sweep, labels)
    said = f"Not run: {', '.join(labels)}; `{command}` trains them."
    return "\n\n".join(filter(None, [said, partial(runs)]))


def partial(runs: Mapping[str, Sequence[Record]]) -> str:
    """Names the runs on a part of their test sets; nothing where there is none."""
    found = {
        f"{label}, seed {run.seed}: {part}"
        for label, of in runs.items()
        for run in of
        if (part := shortfall(run, run.config["evaluation.corpora"]))
    }
    if not found:
        return ""
    return f"INCOMPLETE TEST SETS, so not the paper's protocol: {'; '.join(sorted(found))}."


def nothing(study: Study, shown: str, sweep: str, labels: Sequence[str] = ()) -> AnalysisError:
    """The error where no column has anything to show."""
    column = (*study.miniature, PAPER)[0]
    command = study.command(column, sweep, labels)
    return AnalysisError(f"no finished run for {shown}; {command} trains what it shows")
