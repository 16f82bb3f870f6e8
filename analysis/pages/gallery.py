"""What the report's gallery shows: queries, the clips that are retrieved, the words that match."""

import base64
from dataclasses import dataclass
from functools import cached_property

from analysis.store.samples import SHOWN, Query, Samples, preview, read_samples
from analysis.study import Study
from unify.records import RecordError, RunDirectory

CHOSEN = {
    "spread": "one of those spread evenly over the test set",
    "lexicon": "chosen because the lexicon branch does better",
    "latent": "chosen because the latent branch does better",
}
"""Why a query is shown."""


@dataclass(frozen=True, kw_only=True)
class Word:
    """A word that a query and a clip have in common."""

    text: str
    share: float
    """Of the pair's lexicon similarity."""
    width: float
    """Of its bar, in percent: the strongest word that is shown for the query has 100."""


@dataclass(frozen=True, kw_only=True)
class Clip:
    """A clip as an answer to a query."""

    key: str
    caption: str
    picture: str
    """CSS class of its preview; empty where there is none."""
    is_right: bool
    words: tuple[Word, ...]


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A query of the gallery."""

    caption: str
    why: str
    answer: Clip
    ranks: dict[str, float]
    """Representation -> rank of the right answer."""
    rows: dict[str, list[tuple[Clip, float]]]
    """Representation -> retrieved clips and their similarities."""
    others: list[Clip]
    """Every retrieved clip but the answer."""


@dataclass(frozen=True, kw_only=True)
class Gallery:
    """The queries of one finished run."""

    run: RunDirectory
    seed: int
    samples: Samples

    @cached_property
    def pictures(self) -> dict[str, str]:
        """CSS class -> data URI of a preview, each clip once."""
        found = {}
        for number, key in enumerate(self.samples.clips):
            path = preview(self.run, key)
            if path is not None:
                content = base64.b64encode(path.read_bytes()).decode()
                found[f"clip-{number}"] = f"data:image/webp;base64,{content}"
        return found

    @cached_property
    def queries(self) -> list[Shown]:
        """The queries, in the order of the record."""
        return [self._shown(query) for query in self.samples.queries]

    def _shown(self, query: Query) -> Shown:
        clips = {key: self._clip(query, key) for key in query.clips}
        return Shown(
            caption=query.caption,
            why=CHOSEN.get(query.chosen, ""),
            answer=clips[query.key],
            ranks=query.ranks,
            rows={
                name: [(clips[key], similarity) for key, similarity in found]
                for name, found in query.retrieved.items()
            },
            others=[clip for key, clip in clips.items() if key != query.key],
        )

    def _clip(self, query: Query, key: str) -> Clip:
        name = f"clip-{self.samples.clips.index(key)}"
        return Clip(
            key=key,
            caption=self.samples.captions.get(key, ""),
            picture=name if name in self.pictures else "",
            is_right=key == query.key,
            words=_words(query, key),
        )


def _words(query: Query, key: str) -> tuple[Word, ...]:
    shares = [share for words in query.words.values() for _, share in words]
    strongest = max(shares, default=0.0) or 1.0
    return tuple(
        Word(text=text, share=share, width=round(100 * min(max(share / strongest, 0.0), 1.0), 1))
        for text, share in query.words.get(key, [])
    )


def gallery(study: Study, column: str) -> Gallery | str | None:
    """The gallery of the column's default run, of its lowest seed with samples.

    None where no run has samples; one line instead where they are damaged.
    """
    for record in study.runs(column, *SHOWN):
        try:
            found = read_samples(record.directory)
        except RecordError as error:
            return str(error)
        if found is not None:
            return Gallery(run=record.directory, seed=record.seed, samples=found)
    return None
