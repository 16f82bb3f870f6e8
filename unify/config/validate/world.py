"""Checks of the miniature world, and whether it has what is trained and evaluated on."""

from collections.abc import Iterator

from unify.config.corpora import training_split
from unify.config.fine_tuning import FineTuneConfig
from unify.config.run import RunConfig
from unify.config.validate.checks import at_least, share
from unify.config.world import WorldConfig

NOUNS = 331
"""Nouns in `unify/assets/nouns.txt`."""
TRAINING_SIZES = {
    "cc3m": "cc3m_images",
    "webvid2m": "webvid_clips",
    "msrvtt": "msrvtt_train_clips",
    "didemo": "didemo_train_videos",
    "lsmdc": "lsmdc_train_clips",
    "msvd": "msvd_train_clips",
}
"""Field of WorldConfig that says how much there is to train on, by corpus."""
TEST_SIZES = {
    "cc3m/val": "cc3m_val_images",
    "webvid2m/val": "webvid_val_clips",
    "msrvtt/val": "msrvtt_val_clips",
    "msrvtt/test_1ka": "msrvtt_test_clips",
    "msrvtt_unseen_style/test_1ka": "unseen_style_clips",
    "didemo/val": "didemo_val_videos",
    "didemo/test": "didemo_test_videos",
    "lsmdc/val": "lsmdc_val_clips",
    "lsmdc/test": "lsmdc_test_clips",
    "msvd/val": "msvd_val_clips",
    "msvd/test": "msvd_test_clips",
    "msvd/test_one_caption": "msvd_test_clips",
    **{f"hmdb51/test_{k}": "hmdb51_clips_per_class" for k in (1, 2, 3)},
    **{f"ucf101/test_{k}": "ucf101_clips_per_class" for k in (1, 2, 3)},
}
"""Field of WorldConfig that says how much there is of a test set; 0 leaves it out."""
ALWAYS_DRAWN = ("cc3m_images", "webvid_clips", "msrvtt_train_clips")
"""Training sizes that are never 0."""
SPLIT_CLIPS = 3
"""Fewest clips of an action that three splits can test apart."""


def world(config: RunConfig | FineTuneConfig) -> Iterator[str]:
    """The miniature world, and whether it has what is trained and evaluated on."""
    drawn = config.world
    if drawn is None:
        return
    yield from _drawn(drawn)
    for name in config.data.corpora:
        field = TRAINING_SIZES.get(training_split(name)[0])
        if field is None:
            yield f"data.corpora: the miniature world has no {name} to train on"
        elif getattr(drawn, field) - _held_out(config) < config.plan.batch_size:
            yield (
                f"world.{field}={getattr(drawn, field)}, less {_held_out(config)} held out for "
                f"validation, is less than one batch (plan.batch_size={config.plan.batch_size})"
            )
    yield from drawn_test_sets(drawn, config.evaluation.corpora)


def _held_out(config: RunConfig | FineTuneConfig) -> int:
    """Clips that are kept from training for validation."""
    is_held = isinstance(config, FineTuneConfig) and config.validation.place is None
    return config.validation.clips if is_held else 0


def drawn_test_sets(drawn: WorldConfig | None, places: tuple[str, ...]) -> Iterator[str]:
    """Test sets of which a miniature world has nothing."""
    for place in places:
        field = TEST_SIZES.get(place)
        if drawn is not None and field is not None and not getattr(drawn, field):
            yield (
                f"world.{field}=0 leaves nothing of {place} in evaluation.corpora; raise the one "
                "or take out the other"
            )


def _drawn(drawn: WorldConfig) -> Iterator[str]:
    if not 2 <= drawn.nouns <= NOUNS:
        yield f"world.nouns={drawn.nouns} is outside 2..{NOUNS}, the things that can be drawn"
    if not 0 < drawn.held_out_share <= 1:
        yield (
            f"world.held_out_share={drawn.held_out_share} must be above 0 and at most 1: "
            "every test clip holds a held-out pair"
        )
    if drawn.side % 2:
        yield f"world.side={drawn.side} is odd; H.264 takes even sides"
    if drawn.crf > 51:
        yield f"world.crf={drawn.crf} is above 51, H.264's highest"
    yield from share("world", drawn, "two_motions_share", "background_share")
    positive = ("side", "frames", "fps", "captions_per_clip", "msvd_captions", "msrvtt_test_clips")
    yield from at_least(1, "world", drawn, *positive, *ALWAYS_DRAWN)
    sizes = dict.fromkeys([*TRAINING_SIZES.values(), *TEST_SIZES.values()])
    yield from at_least(0, "world", drawn, *sizes, "labelled_images", "wordings", "crf")
    for name in ("hmdb51_clips_per_class", "ucf101_clips_per_class"):
        if 0 < getattr(drawn, name) < SPLIT_CLIPS:
            yield (
                f"world.{name}={getattr(drawn, name)} must be 0 or at least {SPLIT_CLIPS}: "
                "each of three splits tests other clips"
            )
