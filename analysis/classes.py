"""Accuracy class by class, and the statements of the paper's section 4.3 about kinds of classes."""

from collections.abc import Mapping
from dataclasses import dataclass

from analysis.results import Record
from unify.data.miniature.captions import VERBS

THINGS, MOTIONS = "classes told by things", "classes told by motion"
NAMED = {
    THINGS: ("billiards", "horse riding"),
    MOTIONS: ("mixing", "ice dancing"),
}
"""The classes of UCF101 that the paper names for each (section 4.3)."""
DEEDS = tuple(f" {deed}" for wordings in VERBS.values() for deed in wordings)
"""What ends the names of miniature classes that are told by motion."""
ACCURACY = {f"top-1 on {kind} (%)": kind for kind in NAMED}
"""Metric -> kind of classes whose mean accuracy it is."""
WON = {f"classes won, fused or {part} (%)": ("fused", part) for part in ("latent", "lexicon")}
"""Metric -> two representations: the share of classes on which one is better than the other."""


@dataclass(frozen=True, kw_only=True)
class ActionClass:
    """A class of a corpus of actions, over all splits of a run."""

    name: str
    """As words."""
    clips: int
    top1: Mapping[str, float]
    """Representation -> clips that it names right, in per cent."""


def classes(record: Record) -> list[ActionClass]:
    """The classes with clips, in the order of the record; a split counts by its clips."""
    found: dict[str, list[dict]] = {}
    for report in record.directory.result().get("actions", {}).values():
        for each in (each for each in report["classes"] if each["clips"]):
            found.setdefault(each["name"], []).append(each)
    return [_together(name, splits) for name, splits in found.items()]


def kind(name: str, *, is_miniature: bool) -> str | None:
    """What a class of UCF101 is told by; None where nobody has said.

    In the miniature world, by construction: a class whose name ends with what a thing does is told
    by that motion; every other is called by a thing, whatever it does.
    """
    if is_miniature:
        return MOTIONS if name.endswith(DEEDS) else THINGS
    return next((kind for kind, names in NAMED.items() if name in names), None)


def accuracy(record: Record, part: str, of: str) -> tuple[float, float] | None:
    """Mean top-1 (%) over the classes of a kind, and what one clip changes; None where the run has
    measured none."""
    drawn = record.is_miniature
    found = [each for each in classes(record) if kind(each.name, is_miniature=drawn) == of]
    if not found or not all(part in each.top1 for each in found):
        return None
    step = max(100 / each.clips for each in found) / len(found)
    return sum(each.top1[part] for each in found) / len(found), step


def won(record: Record, part: str, pair: tuple[str, str]) -> tuple[float, float] | None:
    """Share of all classes (%) on which `part` is better than the other of the pair, and what one
    class changes; None where the run has not measured both."""
    found = classes(record)
    if not found or not all(name in each.top1 for each in found for name in pair):
        return None
    (other,) = (name for name in pair if name != part)
    count = sum(each.top1[part] > each.top1[other] for each in found)
    return 100 * count / len(found), 100 / len(found)


def _together(name: str, splits: list[dict]) -> ActionClass:
    clips = sum(each["clips"] for each in splits)
    parts = [key for key in splits[0] if key not in ("name", "clips")]
    return ActionClass(
        name=name,
        clips=clips,
        top1={
            part: sum(each[part] * each["clips"] for each in splits) / clips
            for part in parts
            if all(part in each for each in splits)
        },
    )
