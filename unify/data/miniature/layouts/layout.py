"""What a planner of a corpus returns, and what all planners need."""

import csv
import io
import random
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

from unify.config.world import WorldConfig
from unify.data.miniature.story import Cast, Story, train_story, unseen_stories


@dataclass(frozen=True)
class Item:
    """A clip or image to draw. `path` is relative to the world's root and tells which it is."""

    path: str
    story: Story
    seed: int
    style: str = "fluent"
    then: tuple[Story, ...] = ()
    """Stories that follow in the same clip, each as long as the first."""
    film: bool = False
    """Whether it looks as filmed in a cinema."""


@dataclass(frozen=True)
class Layout:
    """A corpus: what to draw, and the text of each metadata file by relative path."""

    items: list[Item]
    files: dict[str, str]


def clip_rng(config: WorldConfig, corpus: str, split: str, index: int | str) -> random.Random:
    """A clip's own generator, so that no clip depends on how many others there are."""
    return random.Random(f"{config.seed}:{corpus}:{split}:{index}")


def tellers(
    config: WorldConfig, cast: Cast, corpus: str, split: str, size: str
) -> list[tuple[random.Random, Story]]:
    """Generator and story of each clip of a split; `size` names the field that says how many.

    In test splits each story holds a pair never trained on, in the others none does. Raises
    ValueError where there are too few such pairs.
    """
    count = getattr(config, size)
    rngs = [clip_rng(config, corpus, split, index) for index in range(count)]
    if split != "test":
        return [(rng, train_story(rng, cast, config.two_motions_share)) for rng in rngs]
    teller = clip_rng(config, corpus, split, "stories")
    stories = unseen_stories(teller, cast, config.two_motions_share, size)
    return list(zip(rngs, islice(stories, count), strict=True))


def csv_text(header: tuple[str, ...], rows: Iterable[tuple]) -> str:
    """A CSV file with a header."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return buffer.getvalue()


def lines(rows: Iterable[str]) -> str:
    """A text file of one row a line."""
    return "".join(f"{row}\n" for row in rows)
