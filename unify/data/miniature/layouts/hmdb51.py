"""HMDB51: actions told by motion alone."""

from unify.config.world import WorldConfig
from unify.data.miniature.layouts.actions import DEEDS, SPLITS, Action, acted, tested
from unify.data.miniature.layouts.layout import Layout, clip_rng, lines
from unify.data.miniature.story import MOTIONS, Cast

CLASSES = 51
"""As many as the real corpus has; a world of fewer things has fewer."""
UNUSED, TRAIN, TEST = range(3)
"""Parts of a split."""


def plan(config: WorldConfig, cast: Cast) -> Layout:
    """`<class>_test_split<k>.txt`: a clip and its part a line; a class is a folder."""
    items, files = [], {}
    for action in actions(config, cast):
        name = action.words.replace(" ", "_")
        clips = [_clip(name, index) for index in range(config.hmdb51_clips_per_class)]
        items += [
            acted(config, "hmdb51", action, index, f"HMDB51/videos/{name}/{clip}")
            for index, clip in enumerate(clips)
        ]
        for split in SPLITS:
            table = f"HMDB51/testTrainMulti_7030_splits/{name}_test_split{split}.txt"
            files[table] = lines(
                f"{clip} {_part(split, index, len(clips))} " for index, clip in enumerate(clips)
            )
    return Layout(items, files)


def count_classes(nouns: int) -> int:
    """How many classes a world of so many things has."""
    return max(len(MOTIONS), min(CLASSES, nouns))


def actions(config: WorldConfig, cast: Cast) -> list[Action]:
    """Each of the eight motions, then ordered pairs of them; any thing acts them out."""
    pairs = [(one, other) for one in MOTIONS for other in MOTIONS if one != other]
    clip_rng(config, "hmdb51", "classes", "pairs").shuffle(pairs)
    told = [*((motion,) for motion in MOTIONS), *pairs][: count_classes(len(cast.nouns))]
    return [
        Action(" then ".join(DEEDS[motion] for motion in motions), cast.nouns, (motions,))
        for motions in told
    ]


def _clip(name: str, index: int) -> str:
    """The name tells the view as in the real corpus: full body, still camera, one actor, front."""
    return f"Miniature_{name}_f_nm_np1_fr_goo_{index}.avi"


def _part(split: int, index: int, clips: int) -> int:
    """Test, train or, of one clip a class, neither: the one that follows those tested."""
    test = tested(split, clips)
    if index in test:
        return TEST
    return UNUSED if index == test.stop % clips else TRAIN
