"""The miniature world's HMDB51 and UCF101: classes told by motion, or by the thing, in splits."""

from collections import Counter
from dataclasses import replace

import pytest

from unify.config.world import WorldConfig
from unify.data.corpora import load_split
from unify.data.corpora.class_names import words
from unify.data.miniature.captions import VERBS
from unify.data.miniature.layouts import hmdb51, ucf101
from unify.data.miniature.layouts.actions import DEEDS
from unify.data.miniature.story import MOTIONS, cast


@pytest.mark.parametrize("name", ["hmdb51", "ucf101"])
def test_three_splits_test_other_clips_of_every_class(world, name):
    splits = [load_split(name, f"test_{k}", world) for k in (1, 2, 3)]
    keys = [{e.key for e in split.examples} for split in splits]
    assert len(set.union(*keys)) == sum(map(len, keys))
    for split in splits:
        assert split.classes == splits[0].classes
        assert {e.label for e in split.examples} == set(range(len(split.classes)))


@pytest.mark.parametrize(("clips", "tests"), [(3, 1), (5, 1), (10, 3), (20, 6)])
def test_three_tenths_of_the_clips_are_tested(world_config, clips, tests):
    config = replace(world_config, hmdb51_clips_per_class=clips, ucf101_clips_per_class=clips)
    files = hmdb51.plan(config, cast(config)).files
    for table in files.values():
        parts = Counter(line.split(" ")[1] for line in table.splitlines())
        assert (parts["2"], parts["0"]) == (tests, 1)
        assert parts["1"] == clips - tests - 1
    lists = ucf101.plan(config, cast(config)).files
    for k in (1, 2, 3):
        train = lists[f"UCF101/ucfTrainTestlist/trainlist0{k}.txt"].splitlines()
        test = lists[f"UCF101/ucfTrainTestlist/testlist0{k}.txt"].splitlines()
        assert len(test) == 12 * tests and len(train) == 12 * (clips - tests)
        assert not {row.split()[0] for row in train} & set(test)
        labels = dict(map(str.split, lists["UCF101/ucfTrainTestlist/classInd.txt"].splitlines()))
        assert all(labels[row.split()[1]] == row.partition("/")[0] for row in train)


def test_there_are_as_many_classes_as_in_the_real_corpora_where_there_are_things_enough():
    config = WorldConfig()
    assert len(hmdb51.actions(config, cast(config))) == 51
    assert len(ucf101.actions(config, cast(config))) == 101


@pytest.mark.parametrize("nouns", [2, 3, 4, 8, 40, 240])
def test_classes_are_distinct_and_said_in_words_of_captions(seed, nouns):
    config = WorldConfig(seed=seed, nouns=nouns)
    actors = cast(config)
    spoken = {word for verbs in VERBS.values() for verb in verbs for word in verb.split()}
    known = spoken | {word for noun in actors.nouns for word in noun.name.split()} | {"then"}
    for layout in (hmdb51, ucf101):
        said = [action.words for action in layout.actions(config, actors)]
        assert len(set(said)) == len(said)
        assert {word for text in said for word in text.split()} <= known
    names = ucf101.plan(config, actors).files["UCF101/ucfTrainTestlist/classInd.txt"].split()[1::2]
    assert [words(name) for name in names] == [a.words for a in ucf101.actions(config, actors)]


def test_every_deed_is_a_wording_of_its_motion():
    assert DEEDS.keys() == set(MOTIONS)
    assert all(deed in VERBS[motion] for motion, deed in DEEDS.items())


def test_hmdb51_is_told_by_motion_and_played_by_many_things():
    config = WorldConfig()
    stories: dict[str, list] = {}
    for item in hmdb51.plan(config, cast(config)).items:
        stories.setdefault(item.path.split("/")[2], []).append(item.story)
    assert {(motion,) for motion in MOTIONS} < {s[0].actors[0].motions for s in stories.values()}
    for name, told in stories.items():
        (motions,) = {story.actors[0].motions for story in told}
        assert name == "_then_".join(DEEDS[motion].replace(" ", "_") for motion in motions)
        assert len({story.actors[0].noun for story in told}) > 5


def test_half_of_ucf101_needs_the_thing_alone_and_half_the_motion_too():
    config = WorldConfig()
    shown: dict[str, set] = {}
    for item in ucf101.plan(config, cast(config)).items:
        (actor,) = item.story.actors
        shown.setdefault(item.path.split("/")[2], set()).add((actor.noun.name, actor.motions))
    things = Counter(noun for told in shown.values() for noun in {noun for noun, _ in told})
    assert Counter(things.values()) == {1: 51, 2: 25}
    for told in shown.values():
        ((noun, _), *_) = told
        motions = {motions for _, motions in told}
        assert len(motions) == 1 if things[noun] == 2 else len(motions) > 2
