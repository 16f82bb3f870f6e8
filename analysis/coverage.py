"""Whether a run has answered a whole test set; a number of part of one is not the paper's."""

from collections.abc import Sequence

from analysis.paper.published import sizes
from analysis.results import Record
from unify.data.corpora.coverage import shortfall as short_of


def shortfall(record: Record, places: Sequence[str]) -> str:
    """How much of its test sets a run was evaluated on, such as "979 of 1004 clips", of several
    also in which; empty where it is all of them.

    All are as many as the lists on disk name and, but for a miniature world, as are published.
    """
    found = {place: part for place in places if (part := _part(record, place))}
    several = len(places) > 1
    return ", ".join(f"{part} of {p}" if several else part for p, part in found.items())


def _part(record: Record, place: str) -> str:
    counted = record.coverage.get(place)
    if counted is None or counted["whole"]:
        return _queries(record, place)
    return short_of(counted)


def _queries(record: Record, place: str) -> str:
    """By what is published; a query is a caption, or a clip in the other direction."""
    counts = {
        row["queries"] for row in record.metrics if f"{row['corpus']}/{row['split']}" == place
    }
    published = sizes().get(place)
    if record.is_miniature or published is None or not counts or published in counts:
        return ""
    return f"{max(counts)} of {published} queries"
