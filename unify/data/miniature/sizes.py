"""How much a drawn world has of each split, by the config that it was drawn from."""

from collections.abc import Mapping
from typing import Any

from unify.config.corpora import CORPORA, SplitFacts
from unify.config.validate.world import TEST_SIZES, TRAINING_SIZES

TRAINED = ("train", "train_9k")
"""Training splits that a world has lists of."""


def drawn_sizes(config: Mapping[str, Any], corpus: str, split: str) -> SplitFacts:
    """Clips, captions and classes of a split; None where the config does not say how many."""
    place = f"{corpus}/{split}"
    field = TRAINING_SIZES.get(corpus) if split in TRAINED else TEST_SIZES.get(place)
    size = config.get(field)
    if size is None:
        return SplitFacts()
    if CORPORA[corpus].task == "actions":
        return _actions(config, corpus, size)
    if corpus == "msrvtt_unseen_style":  # test clips of MSR-VTT, drawn once more
        size = min(size, config["msrvtt_test_clips"])
    return SplitFacts(clips=size, captions=_captions(config, place, size))


def _captions(config: Mapping[str, Any], place: str, clips: int) -> int | None:
    from unify.data.miniature.layouts.lsmdc import REPEATED  # late: it imports Pillow

    match place:
        case "msrvtt/train" | "msrvtt/train_9k" | "msrvtt/val":
            return clips * config["captions_per_clip"]
        case "lsmdc/train":
            return clips + len(range(0, clips, REPEATED))
        case "msvd/train" | "msvd/val" | "msvd/test":  # each clip has its own number of them
            return None
    return clips


def _actions(config: Mapping[str, Any], corpus: str, per_class: int) -> SplitFacts:
    from unify.data.miniature.layouts import hmdb51, ucf101
    from unify.data.miniature.layouts.actions import tested

    classes = {"hmdb51": hmdb51, "ucf101": ucf101}[corpus].count_classes(config["nouns"])
    share = min(per_class, len(tested(1, per_class)))
    return SplitFacts(clips=classes * share, classes=classes)
