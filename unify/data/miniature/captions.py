"""How a viewer would put a story into words; every word is one entry of BERT's vocabulary."""

import random
from functools import cache

from unify.data.assets import asset
from unify.data.miniature.story import Story

VERBS = {
    "left": ("moves left", "goes left", "slides to the left", "heads toward the left side"),
    "right": ("moves right", "goes right", "slides to the right", "heads toward the right side"),
    "up": ("moves up", "rises", "goes up", "climbs upwards"),
    "down": ("moves down", "falls", "goes down", "drops downwards"),
    "grow": ("grows", "gets bigger", "expands", "becomes larger"),
    "shrink": ("becomes smaller", "gets smaller", "contracts", "is shrinking"),
    "spin": ("spins", "is rotating", "turns around", "keeps turning"),
    "still": ("stays still", "does not move", "rests", "remains in place"),
}
"""Wordings of each motion."""

TWO_THINGS = (
    "{0} {1} and {2} {3}",
    "{0} {1} while {2} {3}",
    "{0} {1} as {2} {3}",
    "there is {0} that {1} and {2} that {3}",
    "we see {0} that {1} , and {2} that {3}",
    "{0} {1} , {2} {3}",
    "in this video {0} {1} and {2} {3}",
    "{0} {1} and at the same time {2} {3}",
    "the clip shows {0} that {1} and {2} that {3}",
)
"""Two things with one motion each: noun, verb, noun, verb."""

TWO_MOTIONS = (
    "{0} {1} and then {2}",
    "{0} {1} before it {2}",
    "{0} {2} after it {1}",
    "first {0} {1} , later it {2}",
    "there is {0} that {1} and afterwards {2}",
    "once {0} {1} , it {2}",
    "{0} {1} , and finally it {2}",
)
"""One thing with two motions: noun, first verb, second verb."""

ONE_POSING = (
    "{0}",
    "a picture of {0}",
    "there is {0}",
    "a photo that shows {0}",
    "an image of {0}",
)
"""Images of one thing."""

TWO_POSING = (
    "{0} and {1}",
    "a picture of {0} and {1}",
    "{0} next to {1}",
    "there is {0} with {1}",
    "a photo that shows {0} beside {1}",
    "an image of {0} together with {1}",
)
"""Images of two things."""

ABOVE = ("{0} above {1}", "{1} below {0}", "a picture of {0} over {1}", "there is {1} under {0}")
"""Images of two things, the first above the second."""

BRIEF_TWO_THINGS = ("{0} {1} and {2} {3}", "{0} {1} while {2} {3}", "{0} {1} , {2} {3}")
"""Two things with one motion each, without a word too many."""
BRIEF_TWO_MOTIONS = ("{0} {1} and then {2}", "{0} {1} , then {2}", "{0} {1} , and finally {2}")
"""One thing with two motions, without a word too many."""
BRIEF_VERB = 2
"""Most words of a motion in brief."""

BACKGROUND = (
    "on {} background",
    "in front of {} wall",
    "before {} backdrop",
)
"""Ways to name the background's colour."""


def caption(rng: random.Random, story: Story, background_share: float) -> str:
    """Tell all that the story holds; the background's colour in a share of the captions.

    Raises ValueError for a word that BERT's vocabulary would split into pieces.
    """
    text = _tell(rng, story)
    if rng.random() < background_share:
        text = f"{text} {rng.choice(BACKGROUND).format(_with_article(story.background))}"
    return _checked(text)


def brief_caption(rng: random.Random, story: Story) -> str:
    """Tell who does what in a clip, in few words; raises ValueError as `caption` does."""
    parts = [
        (_with_article(actor.noun.name), *(_brief_verb(rng, motion) for motion in actor.motions))
        for actor in story.actors
    ]
    if len(parts) == 1:
        return _checked(rng.choice(BRIEF_TWO_MOTIONS).format(*parts[0]))
    rng.shuffle(parts)
    return _checked(rng.choice(BRIEF_TWO_THINGS).format(*parts[0], *parts[1]))


def _brief_verb(rng: random.Random, motion: str) -> str:
    return rng.choice([verb for verb in VERBS[motion] if len(verb.split()) <= BRIEF_VERB])


def _checked(text: str) -> str:
    if split := set(text.split()) - _vocabulary():
        raise ValueError(f"captions.py or nouns.txt: not one BERT word piece each: {sorted(split)}")
    return text


def _tell(rng: random.Random, story: Story) -> str:
    names = [_with_article(actor.noun.name) for actor in story.actors]
    if not story.actors[0].motions:
        return _image_template(rng, story).format(*names)
    if len(story.actors) == 1:
        verbs = [rng.choice(VERBS[motion]) for motion in story.actors[0].motions]
        return rng.choice(TWO_MOTIONS).format(names[0], *verbs)
    order = rng.sample(range(2), 2)
    verbs = [rng.choice(VERBS[actor.motions[0]]) for actor in story.actors]
    return rng.choice(TWO_THINGS).format(*(part for k in order for part in (names[k], verbs[k])))


def _image_template(rng: random.Random, story: Story) -> str:
    if len(story.actors) == 1:
        return rng.choice(ONE_POSING)
    return rng.choice(ABOVE if story.above else TWO_POSING)


def _with_article(name: str) -> str:
    vowel = name[0] in "aeiou" and not name.startswith("uni")
    return f"{'an' if vowel else 'a'} {name}"


@cache
def _vocabulary() -> frozenset[str]:
    return frozenset(asset("vocab.txt").splitlines())
