"""What is drawn for each corpus, and the metadata files that its real counterpart comes with.

Each module plans one corpus: nothing is drawn or written here. `unify/data/corpora` describes
the formats and reads them back.
"""

from collections.abc import Callable

from unify.config.world import WorldConfig
from unify.data.miniature.layouts import (
    books,
    cc3m,
    didemo,
    hmdb51,
    imagenet21k,
    lsmdc,
    msrvtt,
    msvd,
    ucf101,
    webvid,
)
from unify.data.miniature.layouts.layout import Item, Layout
from unify.data.miniature.story import Cast

__all__ = ["LAYOUTS", "Item", "Layout"]

LAYOUTS: dict[str, Callable[[WorldConfig, Cast], Layout]] = {
    "CC3M": cc3m.plan,
    "WebVid": webvid.plan,
    "MSRVTT": msrvtt.plan,
    "MSRVTT-unseen-style": msrvtt.plan_unseen_style,
    "ImageNet21K": imagenet21k.plan,
    "Books": books.plan,
    "DiDeMo": didemo.plan,
    "LSMDC": lsmdc.plan,
    "MSVD": msvd.plan,
    "HMDB51": hmdb51.plan,
    "UCF101": ucf101.plan,
}
"""The planner of each top folder of a world."""
