"""CC3M: images with one caption each, in TSVs without header."""

import zlib

from unify.config.world import WorldConfig
from unify.data.miniature.captions import caption
from unify.data.miniature.layouts.layout import Item, Layout, clip_rng, lines
from unify.data.miniature.story import Cast, image_story

TABLES = {
    "training": "Train_GCC-training.tsv",
    "validation": "Validation_GCC-1.1.0-Validation.tsv",
}
"""Metadata by split."""


def plan(config: WorldConfig, cast: Cast) -> Layout:
    """Header-less TSVs of caption and url; images named as DownloadConceptualCaptions does."""
    counts = {"training": config.cc3m_images, "validation": config.cc3m_val_images}
    items, files = [], {}
    for split, count in counts.items():
        rows = []
        for index in range(count):
            rng = clip_rng(config, "cc3m", split, index)
            url = f"https://example.org/miniature/{split}/{index}.jpg"
            name = f"{index}_{zlib.crc32(url.encode())}.jpg"
            story = image_story(rng, cast)
            rows.append(f"{caption(rng, story, config.background_share)}\t{url}")
            items.append(Item(f"CC3M/{split}/{name}", story, rng.getrandbits(63)))
        files[f"CC3M/{TABLES[split]}"] = lines(rows)
    return Layout(items, files)
