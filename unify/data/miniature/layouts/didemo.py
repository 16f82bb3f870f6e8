"""DiDeMo: videos of several moments, each described by itself."""

import json
import random
from dataclasses import dataclass

from unify.config.world import WorldConfig
from unify.data.miniature.captions import brief_caption
from unify.data.miniature.layouts.layout import Item, Layout, clip_rng, lines, tellers
from unify.data.miniature.story import Cast, Story, train_story

SIZES = {
    "train": "didemo_train_videos",
    "val": "didemo_val_videos",
    "test": "didemo_test_videos",
}
"""Field of WorldConfig by split."""
MOMENTS = (2, 3)
"""Numbers of moments of a video."""
EXTENSIONS = ("mov", "avi", "mp4", "m4v", "3gp", "")
"""Of file names, in turn; the last kind ends in its dot."""
UNLISTED_SHARE = 0.04
"""Videos that are described and in no list, as a share of those in one; at least one is."""


def plan(config: WorldConfig, cast: Cast) -> Layout:
    """`<split>_data.json` of LocalizingMoments, `<split>_list.txt` of collaborative-experts."""
    items, files = [], {}
    for split, size in SIZES.items():
        told = tellers(config, cast, "didemo", split, size)
        videos = [_video(config, cast, k, rng, story) for k, (rng, story) in enumerate(told)]
        items += [_item(video) for video in videos]
        unlisted = _unlisted(config, cast, split, len(videos))
        files[f"DiDeMo/{split}_data.json"] = json.dumps(_rows([*videos, *unlisted]))
        files[f"DiDeMo/{split}_list.txt"] = lines(video.name for video in videos)
    return Layout(items, files)


@dataclass(frozen=True)
class _Video:
    """A video: its moments in order, and descriptions in the order of the file by moment."""

    name: str
    moments: tuple[Story, ...]
    described: tuple[tuple[int, str], ...]
    seed: int


def _video(config: WorldConfig, cast: Cast, index: int, rng: random.Random, story: Story) -> _Video:
    """One of the moments tells the story; which one is drawn by lot."""
    count = rng.choice(MOMENTS)
    moments = [train_story(rng, cast, config.two_motions_share) for _ in range(count - 1)]
    moments.insert(rng.randrange(count), story)
    owner, film = rng.randrange(10**7, 10**8), rng.randrange(10**9, 10**10)
    name = f"{owner}@N0{index % 10}_{film}_{rng.getrandbits(40):010x}"
    described = [(k, brief_caption(rng, moment)) for k, moment in enumerate(moments)]
    rng.shuffle(described)
    extension = EXTENSIONS[index % len(EXTENSIONS)]
    return _Video(f"{name}.{extension}", tuple(moments), tuple(described), rng.getrandbits(63))


def _item(video: _Video) -> Item:
    first, *others = video.moments
    return Item(f"DiDeMo/videos/{video.name}", first, video.seed, then=tuple(others))


def _unlisted(config: WorldConfig, cast: Cast, split: str, listed: int) -> list[_Video]:
    """Videos that are described only: none of them is drawn."""
    found = []
    for index in range(max(1, round(UNLISTED_SHARE * listed))):
        rng = clip_rng(config, "didemo", f"{split} unlisted", index)
        story = train_story(rng, cast, config.two_motions_share)
        found.append(_video(config, cast, index, rng, story))
    return found


def _rows(videos: list[_Video]) -> list[dict]:
    """One row per description, those of a video apart from each other."""
    turns = [
        (video, *video.described[turn])
        for turn in range(max(MOMENTS))
        for video in videos
        if turn < len(video.described)
    ]
    return [
        {
            "num_segments": len(video.moments),
            "description": text,
            "dl_link": f"https://example.org/miniature/{video.name}",
            "times": [[moment, moment]] * 4,
            "video": video.name,
            "annotation_id": number,
        }
        for number, (video, moment, text) in enumerate(turns, start=1)
    ]
