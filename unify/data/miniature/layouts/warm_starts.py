"""What warm starts are trained on, in the places of ImageNet-21K and BERT's books."""

from unify.config.world import WorldConfig
from unify.data.miniature.captions import caption
from unify.data.miniature.layouts.plan import Item, Layout, clip_rng, csv_text, lines
from unify.data.miniature.story import Cast, labelled_story, train_story


def imagenet21k(config: WorldConfig, cast: Cast) -> Layout:
    """`labels.csv` (image, labels joined by "|") and a folder of images: no public layout."""
    items, rows = [], []
    for index in range(config.labelled_images):
        rng = clip_rng(config, "imagenet21k", "train", index)
        story = labelled_story(rng, cast)
        name = f"{index:06d}.jpg"
        rows.append((name, "|".join(actor.noun.name for actor in story.actors)))
        items.append(Item(f"ImageNet21K/images/{name}", story, rng.getrandbits(63)))
    return Layout(items, {"ImageNet21K/labels.csv": csv_text(("image", "labels"), rows)})


def books(config: WorldConfig, cast: Cast) -> Layout:
    """`wordings.tsv`: two wordings of one story a row, text only: no public layout."""
    rows = []
    for index in range(config.wordings):
        rng = clip_rng(config, "books", "train", index)
        story = train_story(rng, cast, config.two_motions_share)
        rows.append("\t".join(caption(rng, story, config.background_share) for _ in range(2)))
    return Layout([], {"Books/wordings.tsv": lines(rows)})
