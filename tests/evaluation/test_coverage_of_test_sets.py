"""A test set is whole, or says how much of it was used."""

import json

import numpy as np
import pytest

from unify.data.corpora.coverage import Coverage, shortfall
from unify.data.miniature.media import encode_clip
from unify.evaluation.test_sets import load_test_set

NAMES = ("a@N01_1.mp4", "b@N02_2.mp4", "c@N03_3.mp4", "d@N04_4.mp4")


@pytest.fixture
def root(tmp_path):
    kit = tmp_path / "DiDeMo"
    (kit / "videos").mkdir(parents=True)
    rows = [{"video": name, "description": f"video {name[0]}"} for name in NAMES]
    (kit / "test_data.json").write_text(json.dumps(rows))
    (kit / "test_list.txt").write_text("\n".join(NAMES))
    noise = np.random.default_rng(0).integers(0, 255, (4, 32, 32, 3)).astype(np.uint8)
    for name in NAMES:
        (kit / "videos" / name).write_bytes(encode_clip(noise, 8, 20))
    return tmp_path


def test_of_a_set_with_all_its_clips_all_are_found(root):
    test = load_test_set("didemo/test", root, incomplete=True)
    assert [clip.key for clip in test.split.examples] == list(NAMES)
    assert (test.coverage.found, test.coverage.listed) == (4, 4)
    assert not test.coverage.whole  # published are 1004


def test_a_set_of_another_size_than_is_published_is_refused_with_the_switch_that_takes_it(root):
    said = r"lists have 4 clips, published are 1004.*evaluation\.incomplete=true evaluates what is"
    with pytest.raises(ValueError, match=said) as told:
        load_test_set("didemo/test", root)
    assert "\n" not in str(told.value)


def test_missing_and_damaged_clips_are_left_out_where_that_is_asked_for_and_counted(root):
    videos = root / "DiDeMo" / "videos"
    (videos / NAMES[0]).unlink()
    (videos / NAMES[2]).write_bytes((videos / NAMES[2]).read_bytes()[:200])
    with pytest.raises(ValueError, match=f"lacks 1 of 4 clips, {NAMES[0]} first"):
        load_test_set("didemo/test", root)
    test = load_test_set("didemo/test", root, incomplete=True)
    assert [clip.key for clip in test.split.examples] == [NAMES[1], NAMES[3]]
    record = test.coverage.record()
    assert (record["found"], record["listed"], record["captions"]) == (2, 4, 2)
    assert record["whole"] is False


def test_a_set_of_which_nothing_can_be_decoded_is_refused(root):
    for name in NAMES:
        (root / "DiDeMo" / "videos" / name).write_text("no video")
    with pytest.raises(ValueError, match="none of its clips can be decoded"):
        load_test_set("didemo/test", root, incomplete=True)


@pytest.mark.parametrize(
    ("found", "listed", "expected", "queries", "words"),
    [
        (1004, 1004, 1004, 1004, ""),
        (979, 1004, 1004, 979, "979 of 1004 clips"),
        (979, 979, 1004, 979, "979 of 1004 clips"),
        (30, 40, None, 40, "30 of 40 clips"),
        (1004, 1004, 1004, 900, "900 of 1004 captions"),
    ],
)
def test_a_record_says_in_words_how_much_of_a_set_it_is_of(found, listed, expected, queries, words):
    coverage = Coverage(
        found=found,
        listed=listed,
        expected=expected,
        captions=queries,
        listed_captions=queries,
        expected_captions=expected,
    )
    assert shortfall(coverage.record()) == words
