import pytest
from hand_made import row
from hand_made_samples import give_samples, samples

from analysis.pages.gallery import Gallery, gallery
from analysis.study import read_study

VALUES = {"latent": 30.0, "lexicon": 40.0, "fused": 50.0}
CAPTIONS = {f"video{k}": f"a red square moves {k} times" for k in range(5)}


def made(runs, content=None, seed=0):
    directory = row(runs, "msrvtt", "zero_shot", seed, **VALUES)
    give_samples(directory, content or samples(CAPTIONS))
    return directory


def test_each_clip_is_embedded_once_however_often_it_is_shown(tmp_path):
    made(tmp_path)
    found = gallery(read_study(tmp_path), "mini")
    shown = [clip for query in found.queries for row in query.rows.values() for clip, _ in row]
    assert len(shown) == 3 * 3 * 4
    assert {clip.picture for clip in shown} == set(found.pictures)
    assert len(set(found.pictures.values())) == 4


def test_the_right_answer_is_known_by_its_key_wherever_it_ranks(tmp_path):
    made(tmp_path)
    first, second, _ = gallery(read_study(tmp_path), "mini").queries
    assert [clip.is_right for clip, _ in first.rows["latent"]] == [False, True, False, False]
    assert [clip.key for clip, _ in second.rows["lexicon"] if clip.is_right] == ["video1"]
    assert first.ranks == {"latent": 2.0, "lexicon": 1.0, "fused": 1.5}
    assert [clip.key for clip in first.others] == ["video1", "video2", "video3"]


def test_bars_are_as_long_as_shares_and_the_longest_is_full(tmp_path):
    made(tmp_path)
    answer = gallery(read_study(tmp_path), "mini").queries[0].answer
    assert [word.share for word in answer.words[:3]] == [0.5, 0.25, 0.125]
    assert [word.width for word in answer.words[:3]] == [100.0, 50.0, 25.0]


def test_why_a_query_is_shown_is_said(tmp_path):
    made(tmp_path)
    first, second, third = gallery(read_study(tmp_path), "mini").queries
    assert "evenly" in first.why
    assert "lexicon branch does better" in second.why
    assert "latent branch does better" in third.why


def test_a_clip_without_a_preview_or_caption_is_still_shown(tmp_path):
    directory = made(tmp_path)
    (directory.previews / "video0.webp").unlink()
    answer = gallery(read_study(tmp_path), "mini").queries[0].answer
    assert (answer.key, answer.picture) == ("video0", "")


def test_a_run_of_one_branch_shows_that_branch(tmp_path):
    content = samples(CAPTIONS)
    for query in content["queries"]:
        query["retrieved"] = {"latent": query["retrieved"]["latent"]}
        query["ranks"], query["words"] = {"latent": 2.0}, {}
    made(tmp_path, content)
    query = gallery(read_study(tmp_path), "mini").queries[0]
    assert list(query.rows) == ["latent"]
    assert query.answer.words == ()


@pytest.mark.parametrize("key", ["../../secret", "/etc/passwd", "a/b", ".."])
def test_keys_name_no_files_outside_the_previews(tmp_path, key):
    (tmp_path / "secret.webp").write_bytes(b"secret")
    content = samples(CAPTIONS)
    content["queries"][0]["key"] = key
    made(tmp_path, content)
    found = gallery(read_study(tmp_path), "mini")
    assert found.queries[0].answer.picture == ""


@pytest.mark.parametrize(
    "damage",
    [
        '{"place": "x", "queries": [',
        "[]",
        '{"place": "msrvtt/test_1ka", "queries": [{"key": 7}], "captions": {}}',
        '{"place": "x", "queries": [], "captions": {"video0": NaN}}',
    ],
    ids=["cut off", "a list", "other fields", "no text"],
)
def test_damaged_samples_are_named_in_one_line(tmp_path, damage):
    directory = made(tmp_path)
    directory.samples_path.write_text(damage)
    found = gallery(read_study(tmp_path), "mini")
    assert "samples.json is damaged" in found
    assert len(found.splitlines()) == 1


def test_the_lowest_seed_with_samples_is_shown(tmp_path):
    row(tmp_path, "msrvtt", "zero_shot", 0, **VALUES)
    assert gallery(read_study(tmp_path), "mini") is None
    made(tmp_path, seed=2)
    made(tmp_path, seed=1)
    found = gallery(read_study(tmp_path), "mini")
    assert isinstance(found, Gallery)
    assert found.seed == 1
