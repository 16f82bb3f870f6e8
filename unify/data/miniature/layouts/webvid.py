"""WebVid-2M: clips with one caption each."""

from unify.config.world import WorldConfig
from unify.data.miniature.captions import caption
from unify.data.miniature.layouts.layout import Item, Layout, clip_rng, csv_text
from unify.data.miniature.story import Cast, train_story

PAGE = 50
"""Clips per page folder."""


def plan(config: WorldConfig, cast: Cast) -> Layout:
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
