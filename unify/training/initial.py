"""Where a model's weights start: published, from warm starts, or random."""

import logging
from pathlib import Path
from pickle import UnpicklingError

import timm
from transformers import BertForMaskedLM

from unify.config import InitConfig
from unify.records import RunDirectory
from unify.systems.trained import weights_of
from unify.systems.unify import Unify
from unify.systems.weights import Loaded, load_bert, load_vit, read_weights

logger = logging.getLogger(__name__)


def load_start(model: Unify, init: InitConfig, parents: dict[str, Path]) -> None:
    """Fill both streams as the config says.

    Args:
        model: to fill.
        init: how each stream starts.
        parents: run directories of the finished warm starts, by part.
    """
    if init.text != "random":
        _report("text", _load_text(model, init, parents))
    if init.video != "random":
        _report("video", _load_video(model, init, parents))


def _load_text(model: Unify, init: InitConfig, parents: dict[str, Path]) -> Loaded:
    if init.text == "warm_start":
        return _load_warm_start(model, RunDirectory(parents["text"]))
    weights = init.weights("text")
    try:
        bert = BertForMaskedLM.from_pretrained(weights, weights_only=True)  # safetensors come first
    except UnpicklingError as error:
        raise _refused(weights) from error
    return load_bert(model, bert.state_dict())


def _load_warm_start(model: Unify, run: RunDirectory) -> Loaded:
    state, ids = weights_of(run)
    try:
        return load_bert(model, state, ids)
    except ValueError as error:
        raise ValueError(
            f"{run.path} does not fit ({error}): the captions have changed since it was trained; "
            "delete it and run the sweep again"
        ) from error


def _load_video(model: Unify, init: InitConfig, parents: dict[str, Path]) -> Loaded:
    if init.video == "warm_start":
        return load_vit(model, weights_of(RunDirectory(parents["video"]))[0])
    weights = init.weights("video")
    if Path(weights).exists():
        if Path(weights).suffix != ".safetensors":
            raise _refused(weights)
        return load_vit(model, read_weights(Path(weights))[0])
    return load_vit(model, timm.create_model(weights, pretrained=True).state_dict())


def _refused(weights: str) -> ValueError:
    return ValueError(
        f"{weights} holds no weights that can be read without running code of theirs; take a "
        "published .safetensors, or convert it where you trust it"
    )


def _report(stream: str, loaded: Loaded) -> None:
    unused = ", ".join(loaded.unused) or "none"
    logger.info("%s: %d parameters loaded; unused: %s", stream, loaded.parameters, unused)
