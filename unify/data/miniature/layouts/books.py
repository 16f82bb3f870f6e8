"""Texts for warm starts, in the place of BERT's books."""

from unify.config.world import WorldConfig
from unify.data.miniature.captions import caption
from unify.data.miniature.layouts.layout import Layout, clip_rng, lines
from unify.data.miniature.story import Cast, train_story


def plan(config: WorldConfig, cast: Cast) -> Layout:
    """`wordings.tsv`: two wordings of one story a row, text only: no public layout."""
    rows = []
    for index in range(config.wordings):
        rng = clip_rng(config, "books", "train", index)
        story = train_story(rng, cast, config.two_motions_share)
        rows.append("\t".join(caption(rng, story, config.background_share) for _ in range(2)))
    return Layout([], {"Books/wordings.tsv": lines(rows)})
