"""What the miniature world held before it held all corpora is drawn as it was, to the byte."""

import hashlib

import numpy as np
import pytest

from unify.config.world import WorldConfig
from unify.data.miniature.draw import draw_item
from unify.data.miniature.layouts import LAYOUTS, Item, Layout
from unify.data.miniature.media import encode_clip, encode_image
from unify.data.miniature.render import render
from unify.data.miniature.scene import place
from unify.data.miniature.story import cast

CONFIG = WorldConfig(
    seed=4,
    nouns=12,
    cc3m_images=20,
    cc3m_val_images=4,
    webvid_clips=60,
    webvid_val_clips=4,
    msrvtt_train_clips=10,
    msrvtt_val_clips=4,
    msrvtt_test_clips=20,
    captions_per_clip=3,
    unseen_style_clips=6,
    labelled_images=12,
    wordings=10,
)
DIGESTS = {
    "CC3M": "6809ba19aeb474b3feb58b5c2dc1c449b61f66c64942d41a35e208f5e614dbd7",
    "WebVid": "ed1b0a3f58eed031fdf30582c58b27b678b86b4d50fd813a357008f8402aceca",
    "MSRVTT": "ad2f6ba0a960830185215a883363730206e79cb9ea5d5e7187309573595c5025",
    "MSRVTT-unseen-style": "82277f90fc935ddf3df458d04ff82a9e86ab9c676e5af3893dc1f4cf151a5d2d",
    "ImageNet21K": "39c578eecf62403ee0dc6b527091904980168c90d73d205dcce5fbdb9e190110",
    "Books": "95bf7ff78b370b1201ceb12fe24f5ddad6a2c2ea56fced9e15f8015c48e81aba",
}
"""`digest` of each folder of this world at commit 76dd2af, the last one without the other corpora.

Plans and texts, not encoded clips: another libx264 writes other bytes for the same frames.
"""


@pytest.mark.parametrize("folder", DIGESTS)
def test_stories_names_seeds_and_metadata_are_those_of_before(folder):
    assert digest(LAYOUTS[folder](CONFIG, cast(CONFIG))) == DIGESTS[folder]


def test_new_corpora_and_their_sizes_leave_the_others_as_they_are():
    other = WorldConfig(**{**vars(CONFIG), "didemo_test_videos": 3, "ucf101_clips_per_class": 0})
    for folder in DIGESTS:
        assert digest(LAYOUTS[folder](other, cast(other))) == DIGESTS[folder]


@pytest.mark.parametrize("folder", ["CC3M", "WebVid", "MSRVTT-unseen-style"])
def test_one_story_is_one_scene_in_h264_or_jpeg(folder):
    for item in LAYOUTS[folder](CONFIG, cast(CONFIG)).items[:3]:
        is_image = item.path.endswith(".jpg")
        frames = 1 if is_image else CONFIG.frames
        scene = place(item.story, frames, CONFIG.side, np.random.default_rng(item.seed))
        pixels = render(scene, CONFIG.side, item.style)
        drawn = draw_item(item, CONFIG)
        if is_image:
            assert drawn == encode_image(pixels[0])
        else:
            assert drawn == encode_clip(pixels, CONFIG.fps, CONFIG.crf, ".mp4")


def digest(layout: Layout) -> str:
    """SHA-256 of a plan: items line by line, then metadata files by name."""
    files = [f"{path}\n{text}" for path, text in sorted(layout.files.items())]
    lines = [*map(told, layout.items), *files]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def told(item: Item) -> str:
    """All that decides how an item of one story is drawn."""
    actors = [(actor.noun.name, actor.noun.sprite, *actor.motions) for actor in item.story.actors]
    story = item.story
    assert not item.then and not item.film
    return repr((item.path, actors, story.background, story.above, item.seed, item.style))
