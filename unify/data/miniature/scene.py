"""Where things are in every frame: their paths, apart from each other and within view."""

from dataclasses import dataclass

import numpy as np

from unify.data.miniature.story import BACKGROUNDS, Actor, Story

SIZE = (0.34, 0.40)
"""Side of a sprite, as a share of the frame's."""
TRAVEL = (0.34, 0.46)
"""Way of a moving thing, as a share of the frame's side: over a patch between sampled frames."""
GROWTH = 1.8
"""Ratio of the sizes before and after growing or shrinking."""
TURN = (140.0, 200.0)
"""Degrees of a spin, in either sense."""
TURNED_SHARE = 0.125
"""Share of the things in images that are turned, as a spinning thing of a clip would be."""
APART = 0.9
"""Least distance of two centres along one axis, in mean sides of the two sprites."""
COLOUR_JITTER = 6
"""Largest change of a background's channel, of 255; shades of two names stay apart."""
TRIES = 64
"""Placements drawn per scene; the first that keeps things apart is taken, else the best."""

DIRECTIONS = {"left": (-1, 0), "right": (1, 0), "up": (0, -1), "down": (0, 1)}
"""Unit steps in image coordinates (y grows downwards)."""


@dataclass(frozen=True)
class Track:
    """One thing's path: centres, sides in pixels, and degrees; each array of length T."""

    sprite: int
    x: np.ndarray
    y: np.ndarray
    size: np.ndarray
    angle: np.ndarray


@dataclass(frozen=True)
class Scene:
    """A story with every place and time decided."""

    background: tuple[int, int, int]
    tracks: tuple[Track, ...]


def place(story: Story, frames: int, side: int, rng: np.random.Generator) -> Scene:
    """Decide the paths of all actors over `frames` frames of `side` pixels."""
    shapes = [_shape(actor, frames, side, rng) for actor in story.actors]
    x = np.stack([_centres(s.x, s.size, side, rng) for s in shapes])  # (A, tries, T)
    y = np.stack([_centres(s.y, s.size, side, rng) for s in shapes])
    best = _choose(x, y, np.stack([s.size for s in shapes]), story.above)
    tracks = tuple(
        Track(s.sprite, x[k, best], y[k, best], s.size, s.angle) for k, s in enumerate(shapes)
    )
    jitter = rng.integers(-COLOUR_JITTER, COLOUR_JITTER + 1, 3)
    colour = np.clip(np.add(BACKGROUNDS[story.background], jitter), 0, 255)
    return Scene(tuple(int(channel) for channel in colour), tracks)


def _shape(actor: Actor, frames: int, side: int, rng: np.random.Generator) -> Track:
    """The path around (0, 0): the middle of the way and the mean size fall on the actor's own."""
    if not actor.motions:
        return _pose(actor, frames, side, rng)
    x, y, growth, angle = np.zeros((4, frames))
    for motion, phase in zip(actor.motions, _phases(len(actor.motions), frames), strict=True):
        dx, dy = DIRECTIONS.get(motion, (0, 0))
        travel = rng.uniform(*TRAVEL) * side
        x += dx * travel * phase
        y += dy * travel * phase
        growth += phase * {"grow": 1, "shrink": -1}.get(motion, 0)
        angle += (motion == "spin") * rng.choice((-1, 1)) * rng.uniform(*TURN) * phase
    size = rng.uniform(*SIZE) * side * GROWTH ** _centred(growth)
    return Track(actor.noun.sprite, _centred(x), _centred(y), size, angle)


def _pose(actor: Actor, frames: int, side: int, rng: np.random.Generator) -> Track:
    """A thing that stands as at some moment of a clip."""
    size = rng.uniform(*SIZE) * side * GROWTH ** rng.uniform(-0.5, 0.5)
    angle = rng.uniform(0, 360) if rng.random() < TURNED_SHARE else 0.0
    still = np.zeros(frames)
    return Track(actor.noun.sprite, still, still, np.full(frames, size), np.full(frames, angle))


def _phases(count: int, frames: int) -> np.ndarray:
    """Progress of `count` motions, one after the other, from 0 to 1: (count, T)."""
    time = np.linspace(0, count, frames)
    return np.clip(time - np.arange(count)[:, None], 0, 1)


def _centred(path: np.ndarray) -> np.ndarray:
    return path - (path.max() + path.min()) / 2


def _centres(path: np.ndarray, size: np.ndarray, side: int, rng: np.random.Generator) -> np.ndarray:
    """Random paths of one axis that stay in view: (tries, T)."""
    low = (size / 2 - path).max()
    high = (side - size / 2 - path).min()
    return rng.uniform(low, max(low, high), (TRIES, 1)) + path


def _choose(x: np.ndarray, y: np.ndarray, size: np.ndarray, above: bool) -> int:
    """The first try in which all things keep apart at all times, or the one that comes nearest."""
    clearance = np.full(x.shape[1], np.inf)
    for a in range(len(x)):
        for b in range(a):
            apart_y = y[a] - y[b] if above else abs(y[a] - y[b])
            apart = apart_y if above else np.maximum(abs(x[a] - x[b]), apart_y)
            clearance = np.minimum(clearance, (apart * 2 / (size[a] + size[b])).min(1))
    return int(np.minimum(clearance, APART).argmax())
