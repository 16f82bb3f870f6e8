"""Scenes as pixels."""

import numpy as np
from PIL import Image

from unify.data.miniature.scene import Scene, Track
from unify.data.miniature.sprites import ANGLE_STEP, draw_sprite


def render(scene: Scene, side: int, style: str = "fluent") -> np.ndarray:
    """All frames of a scene: uint8 (T, side, side, 3)."""
    frames = len(scene.tracks[0].x)
    return np.stack([_frame(scene, t, side, style) for t in range(frames)])


def _frame(scene: Scene, t: int, side: int, style: str) -> np.ndarray:
    image = Image.new("RGB", (side, side), scene.background)
    for track in scene.tracks:
        _paste(image, track, t, style)
    return np.asarray(image)


def _paste(image: Image.Image, track: Track, t: int, style: str) -> None:
    size = round(track.size[t])
    angle = round(track.angle[t] / ANGLE_STEP) * ANGLE_STEP % 360
    sprite = draw_sprite(style, track.sprite, size, angle)
    corner = round(track.x[t] - size / 2), round(track.y[t] - size / 2)
    image.paste(sprite, corner, sprite)
