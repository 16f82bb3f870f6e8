"""Checks of `data`, and of the corpora that are named."""

from collections.abc import Iterator

from unify.config.corpora import check_training_corpus
from unify.config.fine_tuning import FineTuneConfig
from unify.config.run import RunConfig
from unify.config.validate.checks import at_least, refusal, share


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


def _frames(config: RunConfig | FineTuneConfig) -> dict[str, int]:
    return {
        "data.num_frames": config.data.num_frames,
        "evaluation.num_frames": config.evaluation.num_frames,
    }


def _tokens(config: RunConfig | FineTuneConfig) -> dict[str, int]:
    longest = config.evaluation.max_tokens
    queries = {} if longest is None else {"evaluation.max_tokens": longest}
    return {"data.max_tokens": config.data.max_tokens, **queries}
