"""The things that can be shown: their names, and their pictures by two hands."""

import json
import random
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from PIL import Image

from unify.data.assets import asset

SHEETS = {"fluent": "fluent.webp", "noto": "noto.webp"}
"""Sprite sheet by style; worlds are drawn in `fluent`, clips of an unseen style in `noto`."""

ANGLE_STEP = 10
"""Rotations are rounded to this many degrees, so that drawn sprites can be kept and reused."""


@dataclass(frozen=True)
class Noun:
    """A thing: what a viewer calls it, and the number of its sprite in the sheets."""

    name: str
    sprite: int


@cache
def all_nouns() -> tuple[Noun, ...]:
    """Every noun of `nouns.txt`, in its order."""
    numbers = {sprite["name"]: k for k, sprite in enumerate(_index()["sprites"])}
    lines = [line for line in asset("nouns.txt").splitlines() if not line.startswith("#")]
    parts = [line.partition(" = ") for line in lines]
    return tuple(Noun(said or sprite, numbers[sprite]) for sprite, _, said in parts)


def choose_nouns(count: int, seed: int) -> tuple[Noun, ...]:
    """`count` nouns by lot. Raises ValueError where the assets hold fewer."""
    nouns = list(all_nouns())
    if not 2 <= count <= len(nouns):
        raise ValueError(f"WorldConfig.nouns={count}: choose from 2 to {len(nouns)}")
    random.Random(f"nouns:{seed}").shuffle(nouns)
    return tuple(nouns[:count])


@cache
def draw_sprite(style: str, sprite: int, size: int, angle: int) -> Image.Image:
    """A sprite as a square RGBA image of `size` pixels, turned by `angle` degrees."""
    image = _sheet(style).crop(_cell(sprite))
    if angle:
        image = image.rotate(angle, Image.Resampling.BICUBIC)
    return image.resize((size, size), Image.Resampling.BOX)


def _cell(sprite: int) -> tuple[int, int, int, int]:
    index = _index()
    row, column = divmod(sprite, index["columns"])
    top, left = row * index["cell"], column * index["cell"]
    return left, top, left + index["cell"], top + index["cell"]


@cache
def _index() -> dict:
    return json.loads(asset("sprites.json"))


@cache
def _sheet(style: str) -> Image.Image:
    with files("unify.assets").joinpath(SHEETS[style]).open("rb") as stream:
        return Image.open(stream).convert("RGBA")
