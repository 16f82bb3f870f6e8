"""Draw a plan's clips and images into a folder, in parallel."""

import os
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np

from unify.config.world import WorldConfig
from unify.data.miniature.film import as_film
from unify.data.miniature.layouts import Item
from unify.data.miniature.media import encode_clip, encode_image
from unify.data.miniature.render import render
from unify.data.miniature.scene import place
from unify.files import naming
from unify.processes import helpers

CHUNK = 64
"""Items per task of a worker process."""

Entry = tuple[str, int, int]
"""A file that was drawn: relative path, bytes, CRC-32."""


def draw_all(
    items: list[Item],
    config: WorldConfig,
    root: Path,
    workers: int | None,
    progress: Callable[[int, int], None] | None,
) -> list[Entry]:
    """Draw all items below `root`; the files do not depend on the number of workers."""
    for folder in {(root / item.path).parent for item in items}:
        folder.mkdir(parents=True, exist_ok=True)
    chunks = [items[start : start + CHUNK] for start in range(0, len(items), CHUNK)]
    entries: list[Entry] = []
    for done in _map(partial(_draw_chunk, config, root), chunks, workers):
        entries += done
        if progress:
            progress(len(entries), len(items))
    return entries


def draw_item(item: Item, config: WorldConfig) -> bytes:
    """One item's file."""
    suffix = Path(item.path).suffix
    is_image = suffix == ".jpg"
    frames = 1 if is_image else config.frames
    rng = np.random.default_rng(item.seed)
    scenes = [place(story, frames, config.side, rng) for story in (item.story, *item.then)]
    pixels = np.concatenate([render(scene, config.side, item.style) for scene in scenes])
    if item.film:
        pixels = as_film(pixels)
    if is_image:
        return encode_image(pixels[0])
    return encode_clip(pixels, config.fps, config.crf, suffix)


def _map(
    draw: Callable[[list[Item]], list[Entry]], chunks: list[list[Item]], workers: int | None
) -> Iterator[list[Entry]]:
    workers = _cores() if workers is None else workers
    workers = min(workers, len(chunks) // 2)  # a process costs as much as a chunk or two
    if workers < 2:
        yield from map(draw, chunks)
        return
    with helpers().Pool(workers) as pool:
        yield from pool.imap(draw, chunks)


def _cores() -> int:
    """Cores this process may use; not every system can tell them from the machine's."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _draw_chunk(config: WorldConfig, root: Path, items: list[Item]) -> list[Entry]:
    entries = []
    for item in items:
        content = draw_item(item, config)
        with naming(root / item.path):
            (root / item.path).write_bytes(content)
        entries.append((item.path, len(content), zlib.crc32(content)))
    return entries
