"""LSMDC: clips of movies, each with one terse caption."""

from unify.config.world import WorldConfig
from unify.data.miniature.captions import brief_caption
from unify.data.miniature.layouts.layout import Item, Layout, lines, tellers
from unify.data.miniature.story import Cast

SIZES = {"train": "lsmdc_train_clips", "val": "lsmdc_val_clips", "test": "lsmdc_test_clips"}
"""Field of WorldConfig by split."""
TABLES = {
    "train": "LSMDC16_annos_training.csv",
    "val": "LSMDC16_annos_val.csv",
    "test": "LSMDC16_challenge_1000_publictect.csv",
}
"""Metadata by split; the last name is misspelt as published."""
FIRST_MOVIE = {"train": 1, "test": 1001, "val": 3001}
"""Numbers of movies: no movie is in two splits."""
MOVIE_CLIPS = 20
"""Clips per movie."""
REPEATED = 10
"""Every so many training clips one has two captions: its clip id comes twice."""
PAUSE = 4000
"""Milliseconds from a clip's start to the next one's in its movie."""
LENGTH = 2000
"""Milliseconds of a clip."""


def plan(config: WorldConfig, cast: Cast) -> Layout:
    """Tables without header, divided by tabs; clips look as filmed in a cinema."""
    items, files = [], {}
    for split, size in SIZES.items():
        rows = []
        for index, (rng, story) in enumerate(tellers(config, cast, "lsmdc", split, size)):
            movie, start, end = _place(split, index)
            clip = f"{movie}_{start}-{end}"
            seed = rng.getrandbits(63)
            items.append(Item(f"LSMDC/videos/{movie}/{clip}.avi", story, seed, film=True))
            repeated = split == "train" and index % REPEATED == 0
            for _ in range(1 + repeated):
                rows.append("\t".join((clip, *(start, end) * 2, brief_caption(rng, story))))
        files[f"LSMDC/{TABLES[split]}"] = lines(rows)
    return Layout(items, files)


def _place(split: str, index: int) -> tuple[str, str, str]:
    """Movie, and start and end within it."""
    number, place = divmod(index, MOVIE_CLIPS)
    start = place * PAUSE
    return f"{FIRST_MOVIE[split] + number:04d}_Miniature", _stamp(start), _stamp(start + LENGTH)


def _stamp(milliseconds: int) -> str:
    minutes, rest = divmod(milliseconds, 60_000)
    return f"00.{minutes:02d}.{rest // 1000:02d}.{rest % 1000:03d}"
