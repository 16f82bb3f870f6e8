"""The paper's own numbers, Tables 1 to 5, and what is known about them (files in `paper/`).

unify_tables.csv: the transcription. rows.csv: which row of the registry makes which row of a table;
a sweep that trains a further row is one more line. test_sets.csv: queries of each test set, and its
name here; a dataset's first protocol is that of the table, others are shown beside it. notes.csv:
footnotes. In rows.csv and notes.csv an empty field stands for any.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import pandas

FOLDER = Path(__file__).parent

METHODS = {"UNIFY-Latent": "latent", "UNIFY-Lexicon": "lexicon", "UNIFY": "fused"}
"""The paper's own methods -> representation in the records of a run."""
SPLITS = {
    "S1": ("test_1",),
    "S2": ("test_2",),
    "S3": ("test_3",),
    "Mean": ("test_1", "test_2", "test_3"),
}
"""Table 3's metrics -> splits whose top-1 accuracies each is the mean of."""

ACTIONS = "action top-1"
"""The direction of Table 3, whose clips ask and whose class names answer."""

Fields = Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class TestSet:
    """Where a dataset's numbers come from."""

    place: str
    """`corpus/split` in the records of a run."""
    queries: int
    """How many the paper has most likely averaged over; see `about`."""
    about: str

    @property
    def split(self) -> str:
        """Its name within the corpus."""
        return self.place.partition("/")[2]


@dataclass(frozen=True, kw_only=True)
class Target:
    """The row of the registry that makes a row of a table."""

    sweep: str
    label: str
    representation: str
    """latent, lexicon or fused."""


@dataclass(frozen=True, kw_only=True)
class PublishedRow:
    """A method on a dataset."""

    table: int
    setting: str
    """zero-shot or fine-tuning."""
    method: str
    line: str
    """The paper's letter of it, in Tables 4 and 5."""
    variant: str
    """What the letter stands for."""
    year: str
    video_input: str
    pretrain_data: str
    pairs: str
    """How many were pre-trained on."""
    dataset: str
    direction: str
    values: dict[str, float | None]
    """Metric -> value in per cent (or a rank); None for a dash in the paper."""
    notes: tuple[str, ...]
    """Footnotes of this row alone."""
    target: Target | None
    """None for other methods."""
    protocol: str
    """How the dataset is used here, where more than one way is in use."""

    @property
    def own(self) -> bool:
        """Whether the paper claims it for itself: what this repository is to measure."""
        return self.method in METHODS

    @property
    def has_numbers(self) -> bool:
        """Whether the paper gives any."""
        return any(value is not None for value in self.values.values())

    @property
    def name(self) -> str:
        """Its line with what the letter stands for; the setting where rows have no letters."""
        return f"{self.line} ({self.variant})" if self.line else self.setting

    def test_sets(self, metric: str) -> tuple[TestSet, ...]:
        """Those whose mean a metric is; one, but for the mean over splits."""
        splits = SPLITS.get(metric)
        found = protocols(self.dataset)[self.protocol]
        return tuple(each for each in found if splits is None or each.split in splits)

    def queries(self, metric: str) -> int:
        """Of the smallest of its test sets."""
        return min(each.queries for each in self.test_sets(metric))


@cache
def rows(table: int | None = None) -> tuple[PublishedRow, ...]:
    """The rows of a table, or of all, in the paper's order."""
    if table is not None:
        return tuple(row for row in rows() if row.table == table)
    cells = _read("unify_tables.csv")
    names = [name for name in cells if name not in ("metric", "value")]
    return tuple(
        _row(dict(zip(names, key, strict=True)), dict(zip(found.metric, found.value, strict=True)))
        for key, found in cells.groupby(names, sort=False)
    )


@cache
def protocols(dataset: str) -> dict[str, tuple[TestSet, ...]]:
    """Of a dataset, as the paper calls it: protocol -> test sets, that of the tables first."""
    found: dict[str, tuple[TestSet, ...]] = {}
    for each in _read("test_sets.csv").to_dict("records"):
        if each["dataset"] == dataset:
            one = TestSet(place=each["place"], queries=int(each["queries"]), about=each["about"])
            found[each["protocol"]] = (*found.get(each["protocol"], ()), one)
    return found


@cache
def sizes() -> dict[str, int]:
    """`corpus/split` -> queries of the whole test set."""
    found = _read("test_sets.csv").to_dict("records")
    return {each["place"]: int(each["queries"]) for each in found}


def beside(row: PublishedRow) -> Iterator[PublishedRow]:
    """What is measured with a row and not in the paper: the dataset's other protocols, and the
    branches where the paper prints the fused result alone. No such row has numbers."""
    unknown = {"values": dict.fromkeys(row.values), "notes": ()}
    if row.target is None:
        return
    for protocol in list(protocols(row.dataset))[1:]:
        yield replace(row, protocol=protocol, **unknown)
    for method, part in METHODS.items() if row.direction == ACTIONS else ():
        if method != row.method:
            target = replace(row.target, representation=part)
            yield replace(row, method=method, target=target, **unknown)


def dataset_notes(row: PublishedRow) -> tuple[str, ...]:
    """Footnotes of all of a table's rows on the dataset of this one."""
    fields = {"table": str(row.table), "setting": row.setting, "dataset": row.dataset}
    return tuple(n["note"] for n in _notes() if not _of_row(n) and _fits(n, fields))


def made_by(sweep: str, label: str, representation: str) -> PublishedRow | None:
    """The row of a table that a row of the registry makes."""
    wanted = (sweep, label, representation)
    found = (row for row in rows() if row.target is not None)
    return next((row for row in found if _key(row.target) == wanted), None)


def _key(target: Target) -> tuple[str, str, str]:
    return target.sweep, target.label, target.representation


def _row(fields: Fields, values: Fields) -> PublishedRow:
    known = {name: fields[name] for name in fields if name != "table"}
    return PublishedRow(
        **known,
        table=int(fields["table"]),
        values={metric: float(value) if value else None for metric, value in values.items()},
        notes=tuple(n["note"] for n in _notes() if _of_row(n) and _fits(n, fields)),
        target=_target(fields),
        protocol=next(iter(protocols(fields["dataset"]))),
    )


def _target(fields: Fields) -> Target | None:
    if fields["method"] not in METHODS:
        return None
    line = next(line for line in _targets() if _fits(line, fields))
    return Target(
        sweep=line["sweep"],
        label=line["label"],
        representation=METHODS[fields["method"]],
    )


def _fits(pattern: Fields, fields: Fields) -> bool:
    """Whether what the pattern names is as in `fields`."""
    return all(pattern[name] in ("", value) for name, value in fields.items() if name in pattern)


def _of_row(note: Fields) -> bool:
    return bool(note["method"] or note["line"])


@cache
def _notes() -> list[Fields]:
    return _read("notes.csv").to_dict("records")


@cache
def _targets() -> list[Fields]:
    return _read("rows.csv").to_dict("records")


def _read(name: str) -> pandas.DataFrame:
    return pandas.read_csv(FOLDER / name, dtype=str, keep_default_na=False)
