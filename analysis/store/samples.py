"""Queries of a finished run, with what each representation retrieves for them."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from pydantic import FiniteFloat, TypeAdapter, ValidationError

from analysis.store.damage import readable
from analysis.store.legible import Legible
from unify.files import preview_name, read_json
from unify.records import RecordError, RunDirectory

SHOWN = ("msrvtt", "zero_shot")
"""Sweep and label of the run whose queries are shown: the default run."""


@dataclass(frozen=True, kw_only=True)
class Query:
    """A caption of the test set."""

    key: str
    """The clip that it belongs to: the right answer."""
    caption: Legible
    chosen: str
    """Why it is shown: "spread" evenly over the test set, or where one branch does better."""
    ranks: dict[str, FiniteFloat]
    """Representation -> rank of the right answer."""
    retrieved: dict[str, list[tuple[str, FiniteFloat]]]
    """Representation -> the first clips and their similarities."""
    words: dict[str, list[tuple[Legible, FiniteFloat]]]
    """Clip -> words that matched, with their shares of the lexicon similarity."""

    @cached_property
    def clips(self) -> list[str]:
        """The right answer, then every other clip that is retrieved."""
        found = [key for clips in self.retrieved.values() for key, _ in clips]
        return list(dict.fromkeys([self.key, *found]))


@dataclass(frozen=True, kw_only=True)
class Samples:
    """What `samples.json` holds."""

    place: str
    """Corpus and split."""
    queries: list[Query]
    captions: dict[str, Legible]
    """Clip -> its first caption."""

    @cached_property
    def clips(self) -> list[str]:
        """Every clip, once."""
        return list(dict.fromkeys(key for query in self.queries for key in query.clips))


def read_samples(directory: RunDirectory) -> Samples | None:
    """The run's samples, None where it has none; RecordError where they are damaged."""
    try:
        with readable(directory.samples_path):
            content = read_json(directory.samples_path)
            return None if content is None else _ADAPTER.validate_python(content)
    except ValidationError as error:
        where = ".".join(map(str, error.errors()[0]["loc"]))
        problem = f"{where}: {error.errors()[0]['msg']}"
    except ValueError as error:
        problem = str(error.__cause__)
    raise RecordError(
        f"{directory.samples_path} is damaged ({problem}); delete it and result.json, and run the "
        "sweep again: it evaluates the run anew"
    )


def preview(directory: RunDirectory, key: str) -> Path | None:
    """A clip's small animated picture, None where there is none."""
    path = directory.previews / preview_name(key)
    return path if path.is_file() else None


_ADAPTER = TypeAdapter(Samples)
