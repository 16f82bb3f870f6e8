"""What HMDB51 and UCF101 have in common: clips of one thing that act out a class, in splits."""

from dataclasses import dataclass

from unify.config.world import WorldConfig
from unify.data.miniature.layouts.layout import Item, clip_rng
from unify.data.miniature.sprites import Noun
from unify.data.miniature.story import BACKGROUNDS, Actor, Story

DEEDS = {
    "left": "moves left",
    "right": "moves right",
    "up": "rises",
    "down": "falls",
    "grow": "grows",
    "shrink": "contracts",
    "spin": "spins",
    "still": "rests",
}
"""What classes call each motion: one of its wordings in captions."""
SPLITS = (1, 2, 3)
"""Numbers of the splits; no two of them test the same clip."""
TENTHS_TESTED = 3
"""Tenths of a class's clips that a split tests."""


@dataclass(frozen=True)
class Action:
    """A class: its words, and what a clip of it may show, to be drawn by lot."""

    words: str
    nouns: tuple[Noun, ...]
    """Things that act it out."""
    motions: tuple[tuple[str, ...], ...]
    """What they do, in order."""


def acted(config: WorldConfig, corpus: str, action: Action, index: int, path: str) -> Item:
    """A clip of a class. It may show pairs never trained on: nothing is trained on classes."""
    rng = clip_rng(config, corpus, action.words, index)
    actor = Actor(rng.choice(action.nouns), rng.choice(action.motions))
    story = Story((actor,), rng.choice(list(BACKGROUNDS)))
    return Item(path, story, rng.getrandbits(63))


def tested(split: int, clips: int) -> range:
    """Indices of the clips of each class that a split tests, of three clips at least."""
    count = max(1, clips * TENTHS_TESTED // 10)
    return range((split - 1) * count, split * count)
