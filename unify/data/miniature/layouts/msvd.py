"""MSVD: many captions per clip, and as many as it happens to have."""

import random
import string

from unify.config.world import WorldConfig
from unify.data.miniature.captions import caption
from unify.data.miniature.layouts.layout import Item, Layout, lines, tellers
from unify.data.miniature.story import Cast

SIZES = {"train": "msvd_train_clips", "val": "msvd_val_clips", "test": "msvd_test_clips"}
"""Field of WorldConfig by split."""
LEAST_SHARE = 0.25
"""Fewest captions of a clip, as a share of the most."""
COMMENTS = (
    "# Descriptions of the clips of the miniature world.",
    "# Each line is a clip's id and a sentence; a clip has many.",
    "",
)
"""Lines at the head of the descriptions."""


def plan(config: WorldConfig, cast: Cast) -> Layout:
    """Lists of ids, and the corpus's own file of descriptions for all splits together."""
    items, files, spoken = [], {}, []
    for split, size in SIZES.items():
        clips = []
        for rng, story in tellers(config, cast, "msvd", split, size):
            clip = _name(rng)
            clips.append(clip)
            items.append(Item(f"MSVD/YouTubeClips/{clip}.avi", story, rng.getrandbits(63)))
            spoken += [
                f"{clip} {caption(rng, story, config.background_share)}"
                for _ in range(_captions(rng, config.msvd_captions))
            ]
        files[f"MSVD/{split}_list.txt"] = lines(clips)
    return Layout(items, files | {"MSVD/AllVideoDescriptions.txt": lines([*COMMENTS, *spoken])})


def _name(rng: random.Random) -> str:
    """A video's id as YouTube gives it, with the seconds of start and end."""
    video = "".join(rng.choices(string.ascii_letters + string.digits + "-_", k=11))
    start = rng.randrange(300)
    return f"{video}_{start}_{start + 2}"


def _captions(rng: random.Random, most: int) -> int:
    return rng.randint(max(1, round(LEAST_SHARE * most)), most)
