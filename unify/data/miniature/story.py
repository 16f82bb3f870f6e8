"""What a clip shows: one or two things, what each of them does, and before which background."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace

from unify.config.world import WorldConfig
from unify.data.miniature.sprites import Noun, choose_nouns

MOTIONS = ("left", "right", "up", "down", "grow", "shrink", "spin", "still")
"""What a thing can do; each takes more than one frame to see."""

BACKGROUNDS = {
    "white": (250, 250, 250),
    "gray": (200, 200, 200),
    "pink": (255, 200, 220),
    "yellow": (250, 240, 160),
    "green": (190, 235, 180),
    "blue": (180, 215, 250),
    "purple": (215, 195, 245),
    "orange": (255, 210, 160),
}
"""Colours of the background by name, as red, green and blue of 255: light, so that sprites show."""

SINGLE_IMAGE_SHARE = 0.2
"""Share of the CC3M images that show one thing instead of two."""
ABOVE_SHARE = 0.3
"""Share of the two-thing images in which one lies clearly above the other."""

UNSEEN_TRIES = 10_000
"""Stories made up in search of one for the test set before it counts as impossible."""

Pair = tuple[str, str]
"""A noun's name and a motion."""


@dataclass(frozen=True)
class Actor:
    """A thing and what it does, in order; images have no motions."""

    noun: Noun
    motions: tuple[str, ...] = ()


@dataclass(frozen=True)
class Story:
    """All that a clip or image tells. `above`: the first actor lies above the second."""

    actors: tuple[Actor, ...]
    background: str
    above: bool = False

    @property
    def pairs(self) -> frozenset[Pair]:
        """The (noun, motion) pairs shown."""
        return frozenset((a.noun.name, motion) for a in self.actors for motion in a.motions)


@dataclass(frozen=True)
class Cast:
    """The nouns of a world and the pairs that its training clips never show."""

    nouns: tuple[Noun, ...]
    held_out: frozenset[Pair]


def cast(config: WorldConfig) -> Cast:
    """Choose nouns and held-out pairs; a noun loses one motion at most, so all are learnt."""
    nouns = choose_nouns(config.nouns, config.seed)
    rng = random.Random(f"held out:{config.seed}")
    count = min(len(nouns), round(config.held_out_share * len(nouns) * len(MOTIONS)))
    held_out = frozenset((noun.name, rng.choice(MOTIONS)) for noun in rng.sample(nouns, count))
    return Cast(nouns, held_out)


def train_story(rng: random.Random, cast: Cast, two_motions_share: float) -> Story:
    """A clip's story without any held-out pair."""
    while True:
        story = _clip_story(rng, cast, two_motions_share)
        if not story.pairs & cast.held_out:
            return story


def unseen_stories(
    rng: random.Random, cast: Cast, two_motions_share: float, size: str
) -> Iterator[Story]:
    """Stories that each hold a held-out pair, no two alike, in twins.

    `size` is the field of WorldConfig that says how many are asked for.

    Twins show the same things before the same background: one motion differs, or the order of two,
    so that only time tells them apart.

    Raises ValueError where no new story is left to tell.
    """
    told: set[frozenset[Actor]] = set()
    while True:
        for _ in range(UNSEEN_TRIES):
            story = _clip_story(rng, cast, two_motions_share)
            twins = (story, _twin(rng, story, cast.held_out))
            fresh = not any(frozenset(twin.actors) in told for twin in twins)
            if story.pairs & cast.held_out and fresh:
                break
        else:
            raise ValueError(
                "the miniature world has not enough held-out pairs for its test clips; raise "
                f"world.held_out_share or world.nouns, or lower world.{size}"
            )
        told.update(frozenset(twin.actors) for twin in twins)
        yield from twins


def _twin(rng: random.Random, story: Story, held_out: frozenset[Pair]) -> Story:
    """The same things and background with another motion or order; a held-out pair stays."""
    if len(story.actors) == 1:
        (actor,) = story.actors
        return replace(story, actors=(replace(actor, motions=actor.motions[::-1]),))
    first, second = story.actors
    if (second.noun.name, second.motions[0]) in held_out:
        first, second = second, first
    others = [motion for motion in MOTIONS if motion not in second.motions]
    return replace(story, actors=(first, replace(second, motions=(rng.choice(others),))))


def image_story(rng: random.Random, cast: Cast) -> Story:
    """A captioned image: one or two things, now and then one above the other."""
    count = 1 if rng.random() < SINGLE_IMAGE_SHARE else 2
    above = count == 2 and rng.random() < ABOVE_SHARE
    return Story(_posing(rng, cast, count), rng.choice(list(BACKGROUNDS)), above)


def labelled_story(rng: random.Random, cast: Cast) -> Story:
    """A labelled image: two or three things (two where the world has no third)."""
    count = min(rng.choice((2, 3)), len(cast.nouns))
    return Story(_posing(rng, cast, count), rng.choice(list(BACKGROUNDS)))


def _clip_story(rng: random.Random, cast: Cast, two_motions_share: float) -> Story:
    background = rng.choice(list(BACKGROUNDS))
    if rng.random() < two_motions_share:
        motions = tuple(rng.sample(MOTIONS, 2))
        return Story((Actor(rng.choice(cast.nouns), motions),), background)
    nouns = rng.sample(cast.nouns, 2)
    return Story(tuple(Actor(noun, (rng.choice(MOTIONS),)) for noun in nouns), background)


def _posing(rng: random.Random, cast: Cast, count: int) -> tuple[Actor, ...]:
    return tuple(Actor(noun) for noun in rng.sample(cast.nouns, count))
