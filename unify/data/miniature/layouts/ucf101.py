"""UCF101: half of the actions told by the thing, half by the thing and its motion."""

from unify.config.world import WorldConfig
from unify.data.miniature.layouts.actions import DEEDS, SPLITS, Action, acted, tested
from unify.data.miniature.layouts.layout import Layout, clip_rng, lines
from unify.data.miniature.story import MOTIONS, Cast

CLASSES = 101
"""As many as the real corpus has; a world of fewer things has fewer."""


def plan(config: WorldConfig, cast: Cast) -> Layout:
    """`classInd.txt`, lists that train (with labels) and test (without); a class is a folder."""
    told = {_name(action): action for action in actions(config, cast)}
    clips = {
        name: [
            f"{name}/v_{name}_g{k + 1:02d}_c01.avi" for k in range(config.ucf101_clips_per_class)
        ]
        for name in told
    }
    items = [
        acted(config, "ucf101", action, index, f"UCF101/UCF-101/{clip}")
        for name, action in told.items()
        for index, clip in enumerate(clips[name])
    ]
    files = {"classInd.txt": lines(f"{label} {name}" for label, name in enumerate(told, start=1))}
    for split in SPLITS:
        files |= _lists(split, list(clips.values()))
    return Layout(items, {f"UCF101/ucfTrainTestlist/{name}": text for name, text in files.items()})


def _name(action: Action) -> str:
    return action.words.title().replace(" ", "")


def _lists(split: int, clips: list[list[str]]) -> dict[str, str]:
    """The lists of a split from the clips of each class."""
    train, test = [], []
    for label, names in enumerate(clips, start=1):
        chosen = tested(split, len(names))
        test += [name for index, name in enumerate(names) if index in chosen]
        train += [f"{name} {label}" for index, name in enumerate(names) if index not in chosen]
    return {f"trainlist0{split}.txt": lines(train), f"testlist0{split}.txt": lines(test)}


def count_classes(nouns: int) -> int:
    """How many classes a world of so many things has."""
    return min(CLASSES, nouns)


def actions(config: WorldConfig, cast: Cast) -> list[Action]:
    """Things that do whatever they like, and things with two classes that differ in motion."""
    rng = clip_rng(config, "ucf101", "classes", "nouns")
    count = count_classes(len(cast.nouns))
    twice = count // 4
    nouns = rng.sample(cast.nouns, count - twice)
    anything = tuple((motion,) for motion in MOTIONS)
    things = [Action(noun.name, (noun,), anything) for noun in nouns[twice:]]
    deeds = [
        Action(f"{noun.name} {DEEDS[motion]}", (noun,), ((motion,),))
        for noun in nouns[:twice]
        for motion in rng.sample(MOTIONS, 2)
    ]
    return sorted([*things, *deeds], key=lambda action: action.words)
