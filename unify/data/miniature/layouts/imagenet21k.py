"""Labelled images for warm starts, in the place of ImageNet-21K."""

from unify.config.world import WorldConfig
from unify.data.miniature.layouts.layout import Item, Layout, clip_rng, csv_text
from unify.data.miniature.story import Cast, labelled_story


def plan(config: WorldConfig, cast: Cast) -> Layout:
    """`labels.csv` (image, labels joined by "|") and a folder of images: no public layout."""
    items, rows = [], []
    for index in range(config.labelled_images):
        rng = clip_rng(config, "imagenet21k", "train", index)
        story = labelled_story(rng, cast)
        name = f"{index:06d}.jpg"
        rows.append((name, "|".join(actor.noun.name for actor in story.actors)))
        items.append(Item(f"ImageNet21K/images/{name}", story, rng.getrandbits(63)))
    return Layout(items, {"ImageNet21K/labels.csv": csv_text(("image", "labels"), rows)})
