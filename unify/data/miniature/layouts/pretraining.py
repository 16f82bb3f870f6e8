"""CC3M and WebVid-2M."""

import zlib

from unify.config.world import WorldConfig
from unify.data.miniature.captions import caption
from unify.data.miniature.layouts.plan import Item, Layout, clip_rng, csv_text, lines
from unify.data.miniature.story import Cast, image_story, train_story

PAGE = 50
"""Clips per page folder of WebVid."""
TABLES = {
    "training": "Train_GCC-training.tsv",
    "validation": "Validation_GCC-1.1.0-Validation.tsv",
}
"""CC3M's metadata by split."""


def cc3m(config: WorldConfig, cast: Cast) -> Layout:
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


def webvid(config: WorldConfig, cast: Cast) -> Layout:
    """`results_2M_*.csv` with the columns of WebVid; clips in one folder per page."""
    header = ("videoid", "contentUrl", "duration", "page_dir", "name")
    items, files = [], {}
    counts = {"train": config.webvid_clips, "val": config.webvid_val_clips}
    first = 1_000_000
    for split, count in counts.items():
        rows = []
        for index in range(count):
            rng = clip_rng(config, "webvid", split, index)
            video = first + index
            page = video // PAGE * PAGE
            folder = f"{page:06d}_{page + PAGE - 1:06d}"
            story = train_story(rng, cast, config.two_motions_share)
            text = caption(rng, story, config.background_share)
            url = f"https://example.org/miniature/{video}.mp4"
            rows.append((video, url, "PT00H00M02S", folder, text))
            path = f"WebVid/videos/{folder}/{video}.mp4"
            items.append(Item(path, story, rng.getrandbits(63)))
        files[f"WebVid/metadata/results_2M_{split}.csv"] = csv_text(header, rows)
        first += (count // PAGE + 1) * PAGE
    return Layout(items, files)
