"""What is drawn for each corpus, and the metadata files that its real counterpart comes with.

Each function plans one corpus: nothing is drawn or written here. `unify/data/corpora` describes
the formats and reads them back.
"""

from collections.abc import Callable

from unify.config.world import WorldConfig
from unify.data.miniature.layouts.didemo import didemo
from unify.data.miniature.layouts.hmdb51 import hmdb51
from unify.data.miniature.layouts.lsmdc import lsmdc
from unify.data.miniature.layouts.msrvtt import msrvtt, msrvtt_unseen_style
from unify.data.miniature.layouts.msvd import msvd
from unify.data.miniature.layouts.plan import Item, Layout
from unify.data.miniature.layouts.pretraining import cc3m, webvid
from unify.data.miniature.layouts.ucf101 import ucf101
from unify.data.miniature.layouts.warm_starts import books, imagenet21k
from unify.data.miniature.story import Cast

__all__ = ["LAYOUTS", "Item", "Layout"]

LAYOUTS: dict[str, Callable[[WorldConfig, Cast], Layout]] = {
    "CC3M": cc3m,
    "WebVid": webvid,
    "MSRVTT": msrvtt,
    "MSRVTT-unseen-style": msrvtt_unseen_style,
    "ImageNet21K": imagenet21k,
    "Books": books,
    "DiDeMo": didemo,
    "LSMDC": lsmdc,
    "MSVD": msvd,
    "HMDB51": hmdb51,
    "UCF101": ucf101,
}
"""The planner of each top folder of a world."""
