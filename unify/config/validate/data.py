"""Checks of `data`, of the corpora that are named, and of the miniature world."""

from collections.abc import Iterator

from unify.config.corpora import check_training_corpus, training_split
from unify.config.fine_tuning import FineTuneConfig
from unify.config.run import RunConfig
from unify.config.validate.checks import at_least, refusal, share

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


def inputs(config: RunConfig | FineTuneConfig) -> Iterator[str]:
    """Frames, pixels and tokens."""
    data, video, text = config.data, config.model.video, config.model.text
    if data.image_size != video.image_size:
        yield (
            f"data.image_size={data.image_size} differs from "
            f"model.video.image_size={video.image_size}; set both"
        )
    for name, frames in _frames(config).items():
        if not 1 <= frames <= video.max_frames:
            yield f"{name}={frames} is outside 1..{video.max_frames} (model.video.max_frames)"
    for name, tokens in _tokens(config).items():
        if not 3 <= tokens <= text.max_positions:
            yield f"{name}={tokens} is outside 3..{text.max_positions} (model.text.max_positions)"
    if min(data.std) <= 0:
        yield f"data.std={data.std} must be above 0 in every channel"
    low, high = data.crop_scale
    if not 0 < low <= high <= 1:
        yield f"data.crop_scale={low},{high} is no range of shares A,B with 0 < A <= B <= 1"
    yield from share("data", data, "max_unreadable_share")
    yield from at_least(0, "data", data, "workers")


def corpora(config: RunConfig | FineTuneConfig) -> Iterator[str]:
    """Names of training corpora."""
    if not config.data.corpora:
        yield "data.corpora is empty; name at least one training corpus"
    for name in config.data.corpora:
        yield from refusal("data.corpora", check_training_corpus, name)


def world(config: RunConfig | FineTuneConfig) -> Iterator[str]:
    """The miniature world, and whether it is large enough for a batch."""
    drawn = config.world
    if drawn is None:
        return
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
    positive = ("side", "frames", "fps", "captions_per_clip", "msrvtt_test_clips")
    yield from at_least(1, "world", drawn, *positive, *TRAINING_SIZES.values())
    others = ("cc3m_val_images", "webvid_val_clips", "msrvtt_val_clips", "unseen_style_clips")
    yield from at_least(0, "world", drawn, *others, "labelled_images", "wordings", "crf")
    for name in config.data.corpora:
        field = TRAINING_SIZES.get(training_split(name)[0])
        if field is None:
            yield f"data.corpora: the miniature world has no {name} to train on"
        elif getattr(drawn, field) < config.plan.batch_size:
            yield (
                f"world.{field}={getattr(drawn, field)} is less than one batch "
                f"(plan.batch_size={config.plan.batch_size})"
            )


def _frames(config: RunConfig | FineTuneConfig) -> dict[str, int]:
    return {
        "data.num_frames": config.data.num_frames,
        "evaluation.num_frames": config.evaluation.num_frames,
    }


def _tokens(config: RunConfig | FineTuneConfig) -> dict[str, int]:
    longest = config.evaluation.max_tokens
    queries = {} if longest is None else {"evaluation.max_tokens": longest}
    return {"data.max_tokens": config.data.max_tokens, **queries}
