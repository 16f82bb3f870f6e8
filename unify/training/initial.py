"""Where a model's weights start: published, from warm starts, or random."""

import logging
from pathlib import Path

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
        return load_bert(model, *weights_of(RunDirectory(parents["text"])))
    return load_bert(model, BertForMaskedLM.from_pretrained(init.weights("text")).state_dict())


def _load_video(model: Unify, init: InitConfig, parents: dict[str, Path]) -> Loaded:
    if init.video == "warm_start":
        return load_vit(model, weights_of(RunDirectory(parents["video"]))[0])
    weights = init.weights("video")
    if Path(weights).exists():
        return load_vit(model, read_weights(Path(weights))[0])
    return load_vit(model, timm.create_model(weights, pretrained=True).state_dict())


def _report(stream: str, loaded: Loaded) -> None:
    unused = ", ".join(loaded.unused) or "none"
    logger.info("%s: %d parameters loaded; unused: %s", stream, loaded.parameters, unused)
