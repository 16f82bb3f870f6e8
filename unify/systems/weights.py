"""Weights of published encoders into the streams: BERT as transformers names it, ViT as timm does.

Warm starts are stored in the same form, so that there is one way in.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save
from torch import Tensor, nn

from unify.checksum import Checksum
from unify.files import write_atomically
from unify.models.vocabulary import BERT_ENTRIES
from unify.systems.unify import Unify

State = Mapping[str, Tensor]

BERT_UNUSED = (
    r"(bert\.)?pooler\.",
    r"cls\.seq_relationship\.",
    r"cls\.predictions\.decoder\.",
    r"(bert\.)?embeddings\.position_ids$",
)
VIT_UNUSED = (r"head", r"fc_norm\.", r"pre_logits\.")
"""What encoders bring along that the streams have no place for."""


@dataclass(frozen=True)
class Loaded:
    """What a state was used for."""

    parameters: int
    """Number of the model's parameters that now hold its values."""
    unused: list[str]
    """Names in the state that have no place in the model."""


def load_bert(model: Unify, state: State, ids: Sequence[int] | None = None) -> Loaded:
    """Fill the text stream and the lexicon head from a BertForMaskedLM's state.

    Blocks N..11 go into both branches. Where the model keeps fewer word pieces than the state, the
    rows of its BERT ids are taken.

    Args:
        model: to fill.
        state: names as in transformers, with or without `bert.`.
        ids: BERT ids of the state's rows; None means all 30,522 in order.

    Raises:
        ValueError: on a missing or unknown name, or a size that does not fit.
    """
    rows = _rows(model.vocabulary.ids, ids)

    def place(name: str) -> list[str]:
        name = name.removeprefix("bert.")
        if match := re.fullmatch(r"encoder\.layer\.(\d+)\.(.+)", name):
            return _block_places(model, "text", int(match[1]), match[2])
        if name.startswith("embeddings."):
            return ["text.embeddings.bert." + name.removeprefix("embeddings.")]
        return ["lexicon_head." + name.removeprefix("cls.predictions.")]

    words = ("embeddings.word_embeddings.weight", "cls.predictions.bias")
    chosen = {k: v[rows] if k.removeprefix("bert.") in words else v for k, v in state.items()}
    unused = BERT_UNUSED if hasattr(model, "lexicon_head") else (*BERT_UNUSED, r"cls\.")
    return _load(model, chosen, place, unused, _text_names(model), "BERT")


def load_vit(model: Unify, state: State) -> Loaded:
    """Fill the video stream from a timm VisionTransformer's state; temporal parts keep their start.

    Raises:
        ValueError: on a missing or unknown name, or a size that does not fit.
    """

    def place(name: str) -> list[str]:
        if match := re.fullmatch(r"blocks\.(\d+)\.(.+)", name):
            return _block_places(model, "video", int(match[1]), match[2])
        if name.startswith("norm."):
            return _norm_places(model, name)
        return ["video.embeddings." + name]

    spatial = {n for n in _names(model, "video.") if "temporal" not in n}
    return _load(model, state, place, VIT_UNUSED, spatial, "ViT")


def read_weights(path: Path) -> tuple[dict[str, Tensor], list[int] | None]:
    """A safetensors file's state, and the BERT ids of its word rows where it keeps only some."""
    with _readable(path):
        state = load_file(path)
    ids = state.pop("entries", None)
    return state, None if ids is None else ids.tolist()


def read_facts(path: Path) -> dict[str, str]:
    """What was written with the weights; ValueError where they are damaged."""
    with _readable(path), safe_open(path, framework="pt") as file:
        return file.metadata() or {}


def write_weights(
    state: State,
    path: Path,
    ids: Tensor | None = None,
    facts: Mapping[str, str] | None = None,
) -> Checksum:
    """Write a state as safetensors, atomically, with the BERT ids of its word rows and facts about
    it if given."""
    extra = {} if ids is None else {"entries": ids}
    plain = {name: value.detach().cpu().clone() for name, value in {**state, **extra}.items()}
    content = save(plain, dict(facts) if facts else None)
    write_atomically(path, content)
    return Checksum.of(content)


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    try:
        yield
    except SafetensorError as error:
        raise ValueError(
            f"{path} is damaged ({error}); delete it, and download it or run the sweep again"
        ) from error


def _load(
    model: Unify,
    state: State,
    place: Callable[[str], list[str]],
    unused: tuple[str, ...],
    needed: set[str],
    what: str,
) -> Loaded:
    own = dict(model.named_parameters())
    left = [name for name in state if any(re.match(pattern, name) for pattern in unused)]
    filled = set()
    for name in (name for name in state if name not in left):
        for target in place(name):
            if target not in own:
                raise ValueError(
                    f"{what} weights: the model has no place for {name}; set its depth and "
                    "switches to those of the weights"
                )
            _copy(own[target], state[name], f"{what} weights: {name} -> {target}")
            filled.add(target)
    if missing := sorted(needed - filled):
        raise ValueError(f"{what} weights lack {missing[0]} and {len(missing) - 1} more")
    return Loaded(len(filled), sorted(left))


def _copy(target: nn.Parameter, value: Tensor, where: str) -> None:
    if target.shape != value.shape:
        raise ValueError(
            f"{where}: size {tuple(value.shape)} does not fit {tuple(target.shape)}; "
            "set the model's sizes to those of the weights"
        )
    with torch.no_grad():
        target.copy_(value)


def _block_places(model: Unify, stream: str, index: int, rest: str) -> list[str]:
    stem = model.config.stem_depth
    if index < stem:
        return [f"{stream}.stem.blocks.{index}.{rest}"]
    branches = getattr(model, stream).branches
    return [f"{stream}.branches.{b}.blocks.{index - stem}.{rest}" for b in branches]


def _norm_places(model: Unify, name: str) -> list[str]:
    if model.config.stem_depth == model.config.depth:
        return [f"video.stem.{name}"]
    return [f"video.branches.{branch}.{name}" for branch in model.video.branches]


def _names(model: Unify, prefix: str) -> set[str]:
    return {name for name, _ in model.named_parameters() if name.startswith(prefix)}


def _text_names(model: Unify) -> set[str]:
    head = {name for name in _names(model, "lexicon_head.") if "embeddings" not in name}
    return _names(model, "text.") | head


def _rows(kept: Tensor, ids: Sequence[int] | None) -> Tensor:
    if ids is None:
        return kept.cpu()
    row_of = torch.full((BERT_ENTRIES,), -1)
    row_of[torch.tensor(list(ids))] = torch.arange(len(ids))
    rows = row_of[kept.cpu()]
    if (rows < 0).any():
        raise ValueError(
            f"BERT weights lack {int((rows < 0).sum())} of the word pieces that the model keeps"
        )
    return rows
