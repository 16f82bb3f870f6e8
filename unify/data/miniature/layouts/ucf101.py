"""UCF101: half of the actions told by the thing, half by the thing and its motion."""

from unify.config.world import WorldConfig
from unify.data.miniature.layouts.actions import DEEDS, SPLITS, Action, acted, tested
from unify.data.miniature.layouts.plan import Layout, clip_rng, lines
from unify.data.miniature.story import MOTIONS, Cast

CLASSES = 101
"""As many as the real corpus has; a world of fewer things has fewer."""
LISTS = "UCF101/ucfTrainTestlist"


def ucf101(config: WorldConfig, cast: Cast) -> Layout:
    """`classInd.txt`, lists that train (with labels) and test (without); a class is a folder."""
    items, classes = [], []
    train: dict[int, list[str]] = {split: [] for split in SPLITS}
    test: dict[int, list[str]] = {split: [] for split in SPLITS}
    for label, action in enumerate(ucf101_actions(config, cast), start=1):
        name = action.words.title().replace(" ", "")
        classes.append(f"{label} {name}")
        clips = [f"{name}/{_clip(name, k)}" for k in range(config.ucf101_clips_per_class)]
        items += [
            acted(config, "ucf101", action, index, f"UCF101/UCF-101/{clip}")
            for index, clip in enumerate(clips)
        ]
        for split in SPLITS:
            chosen = tested(split, len(clips))
            test[split] += [clip for index, clip in enumerate(clips) if index in chosen]
            train[split] += [
                f"{clip} {label}" for index, clip in enumerate(clips) if index not in chosen
            ]
    files = {f"{LISTS}/classInd.txt": lines(classes)}
    for split in SPLITS:
        files[f"{LISTS}/trainlist0{split}.txt"] = lines(train[split])
        files[f"{LISTS}/testlist0{split}.txt"] = lines(test[split])
    return Layout(items, files)


def ucf101_actions(config: WorldConfig, cast: Cast) -> list[Action]:
    """Things that do whatever they like, and things with two classes that differ in motion."""
    rng = clip_rng(config, "ucf101", "classes", "nouns")
    count = min(CLASSES, len(cast.nouns))
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


def _clip(name: str, index: int) -> str:
    """A group is what was filmed together; here each clip is one."""
    return f"v_{name}_g{index + 1:02d}_c01.avi"
