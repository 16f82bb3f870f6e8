"""The doctor: whole corpora pass, and what was done to a copy is told in the right words."""

import json
import pickle
from itertools import pairwise

import pytest
from handwritten import clip, coverage_of, fill, write

from unify.config.corpora import CORPORA
from unify.data.corpora import load_split
from unify.data.decoding import why_unreadable
from unify.data.doctor import diagnose, spread

LSMDC = "lsmdc", "LSMDC/LSMDC16_challenge_1000_publictect.csv"


def decode_all(clips):
    return {clip: why_unreadable(clip) for clip in clips}


def lsmdc(root, rows=1000):
    """LSMDC's test split, row by row as published."""
    names = [f"00{k:02d}_Movie_00.00.{k:02d}.926-00.00.54.{k:03d}" for k in range(rows)]
    table = [f"{name}\t0\t1\t0\t1\tSOMEONE looks at number {name}.\n" for name in names]
    write(root, {LSMDC[1]: "".join(table)})
    fill(root / "LSMDC/videos", [f"{name[: name.index('.') - 3]}/{name}.avi" for name in names])
    return root


def didemo(root):
    """DiDeMo's test split, of the published size."""
    names = [f"1@N0{k % 9}_{k}_abc.{'mov' if k % 2 else 'm4v'}" for k in range(1004)]
    rows = [{"video": name, "description": "the dog runs"} for name in names for _ in range(4)]
    write(root, {"DiDeMo/test_data.json": json.dumps(rows)})
    write(root, {"DiDeMo/test_list.txt": "\n".join(names)})
    fill(root / "DiDeMo/videos", names)
    return root


def msvd(root):
    """MSVD's test split with as many captions as published."""
    names = [f"{k}_abc_1_2" for k in range(670)]
    captions = {name: [["a", "dog", "runs"]] * 41 for name in names}
    captions[names[0]] = captions[names[0]] * 8 + [["one", "more"]] * 6
    write(root, {"MSVD/test_list.txt": "\n".join(names)})
    write(root, {"MSVD/raw-captions.pkl": pickle.dumps(captions)})
    fill(root / "MSVD/YouTubeClips", [f"{name}.avi" for name in names])
    return root


def ucf(root):
    """UCF101's first test split, of the published size."""
    classes = [f"Class{chr(65 + k // 26)}{chr(97 + k % 26)}" for k in range(101)]
    rows = [f"{classes[k % 101]}/v_{k}.avi" for k in range(3783)]
    lists = "UCF101/ucfTrainTestlist"
    numbered = "".join(f"{k} {name}\r\n" for k, name in enumerate(classes, start=1))
    write(root, {f"{lists}/classInd.txt": numbered, f"{lists}/testlist01.txt": "\n".join(rows)})
    fill(root / "UCF101/UCF-101", rows)
    return root


@pytest.mark.parametrize(
    ("make", "corpus", "split"),
    [
        (lsmdc, "lsmdc", "test"),
        (didemo, "didemo", "test"),
        (msvd, "msvd", "test"),
        (msvd, "msvd", "test_one_caption"),
        (ucf, "ucf101", "test_1"),
    ],
)
def test_a_copy_of_the_published_size_is_whole(tmp_path, make, corpus, split):
    found = diagnose(corpus, split, make(tmp_path))
    assert not found.problems
    assert found.coverage.whole
    assert not found.lost


@pytest.mark.parametrize("corpus", CORPORA)
def test_the_miniature_world_is_whole_whatever_its_size(world, corpus):
    for split, facts in CORPORA[corpus].splits.items():
        found = diagnose(
            corpus, split, world, required=not facts.optional, decode=3, check=decode_all
        )
        assert not found.problems
        assert found.absent or found.notes == ["3 of 3 clips that were tried decode"]
        assert found.absent or coverage_of(corpus, split, world).whole


def test_clips_that_were_deleted_are_counted_and_listed(tmp_path):
    root = lsmdc(tmp_path)
    for path in list((root / "LSMDC/videos").glob("*/*.avi"))[:2]:
        path.unlink()
    found = diagnose("lsmdc", "test", root)
    assert found.problems == ["2 of 1000 clips are missing"]
    assert [lost.why for lost in found.lost] == ["missing", "missing"]
    assert not any(lost.place.exists() for lost in found.lost)
    assert found.coverage.record() == {
        "found": 998,
        "listed": 1000,
        "expected": 1000,
        "captions": 998,
        "listed_captions": 1000,
        "expected_captions": 1000,
        "whole": False,
    }


def test_a_first_row_that_was_swallowed_is_suspected(tmp_path):
    table = lsmdc(tmp_path) / LSMDC[1]
    table.write_text(table.read_text().split("\n", 1)[1])
    clips, captions = diagnose("lsmdc", "test", tmp_path).problems
    assert "999 clips, published are 1000; was the first row taken for a header" in clips
    assert "999 captions, published are 1000" in captions


def test_a_table_that_was_cut_short_has_fewer_rows_or_a_bad_last_one(tmp_path):
    table = lsmdc(tmp_path) / LSMDC[1]
    lines = table.read_text().splitlines(keepends=True)
    table.write_text("".join(lines[:700]))
    assert "700 clips, published are 1000" in diagnose("lsmdc", "test", tmp_path).problems[0]
    table.write_text("".join(lines[:700]) + lines[700][:20])
    assert "line 701 has 1 columns, not 6" in diagnose("lsmdc", "test", tmp_path).problems[0]


def test_json_and_pickles_that_were_cut_short_are_named(tmp_path):
    data = didemo(tmp_path) / "DiDeMo/test_data.json"
    data.write_bytes(data.read_bytes()[:-50])
    assert "test_data.json is not JSON" in diagnose("didemo", "test", tmp_path).problems[0]
    captions = msvd(tmp_path) / "MSVD/raw-captions.pkl"
    captions.write_bytes(captions.read_bytes()[:-50])
    assert "no pickle of plain values" in diagnose("msvd", "test", tmp_path).problems[0]


def webvid(root, header="videoid,contentUrl,duration,page_dir,name", rows=20):
    table = [f"{k},https://a/{k}.mp4,PT5S,0001_0050,A bird number {k}" for k in range(rows)]
    write(root, {"WebVid/metadata/results_2M_train.csv": "\n".join([header, *table, ""])})
    fill(root / "WebVid/videos/0001_0050", [f"{k}.mp4" for k in range(rows)])
    return root


def test_a_header_in_another_order_than_its_rows_is_suspected(tmp_path):
    webvid(tmp_path, "videoid,contentUrl,duration,name,page_dir")
    clips, captions = diagnose("webvid2m", "train", tmp_path).problems
    assert "none of its 20 clips is there" in clips
    assert "A bird number 0/0.mp4" in clips
    assert "20 of 20 captions have no words, '0001_0050' for one" in captions


def test_a_header_that_was_swallowed_is_named(tmp_path):
    table = webvid(tmp_path) / "WebVid/metadata/results_2M_train.csv"
    table.write_text(table.read_text().split("\n", 1)[1])
    (problem,) = diagnose("webvid2m", "train", tmp_path).problems
    assert "has no column name; its first line is '0,https://a/0.mp4" in problem


def test_of_a_corpus_whose_urls_die_a_part_is_enough(tmp_path):
    (webvid(tmp_path) / "WebVid/videos/0001_0050/7.mp4").unlink()
    found = diagnose("webvid2m", "train", tmp_path)
    assert not found.problems
    assert found.notes == ["95.0 % of the urls gave a file; the others are left out"]
    assert [lost.place.name for lost in found.lost] == ["7.mp4"]
    assert not found.coverage.whole


def test_where_most_of_the_urls_gave_no_file_something_else_is_wrong(tmp_path):
    videos = webvid(tmp_path) / "WebVid/videos/0001_0050"
    for k in range(10):
        (videos / f"{k}.mp4").unlink()
    assert not diagnose("webvid2m", "train", tmp_path).problems
    (videos / "10.mp4").unlink()
    assert diagnose("webvid2m", "train", tmp_path).problems == [
        "45.0 % of the urls gave a file; the others are left out"
    ]


def test_a_table_whose_last_line_has_no_end_may_have_been_cut(tmp_path):
    table = webvid(tmp_path) / "WebVid/metadata/results_2M_train.csv"
    assert not diagnose("webvid2m", "train", tmp_path).notes
    table.write_bytes(table.read_bytes()[:-4])
    found = diagnose("webvid2m", "train", tmp_path)
    assert found.notes == [
        "the last line of metadata/results_2M_train.csv has no line feed: was it cut short?"
    ]


def test_a_first_row_that_is_there_twice_is_suspected(tmp_path):
    table = lsmdc(tmp_path) / LSMDC[1]
    table.write_text(table.read_text().split("\n")[0] + "\n" + table.read_text())
    (captions,) = diagnose("lsmdc", "test", tmp_path).problems
    assert "1001 captions, published are 1000; is a first row there twice" in captions


@pytest.mark.parametrize(
    ("corpus", "split", "file"),
    [
        ("lsmdc", "test", LSMDC[1]),
        ("webvid2m", "train", "WebVid/metadata/webvid_training_success_full.tsv"),
        ("cc3m", "train", "CC3M/Train_GCC-training.tsv"),
        ("msrvtt_unseen_style", "test_1ka", "MSRVTT-unseen-style/msrvtt_ret/txt/test.jsonl"),
    ],
)
def test_an_empty_list_is_a_problem_also_where_no_size_is_known(tmp_path, corpus, split, file):
    write(tmp_path, {file: ""})
    found = diagnose(corpus, split, tmp_path)
    assert "its lists name no clip; download them again" in found.problems
    assert not found.coverage.whole


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16"])
def test_a_table_in_another_encoding_is_named(tmp_path, encoding):
    table = lsmdc(tmp_path) / LSMDC[1]
    table.write_bytes(table.read_text().replace("SOMEONE", "Andr\u00e9", 1).encode(encoding))
    (problem,) = diagnose("lsmdc", "test", tmp_path).problems
    assert "line 1 is not UTF-8" in problem


def test_captions_that_were_saved_in_another_encoding_are_told(tmp_path):
    table = lsmdc(tmp_path) / LSMDC[1]
    text = table.read_text()
    misread = "Andr\u00e9".encode().decode("latin-1")
    table.write_text(text.replace("SOMEONE", misread, 3), encoding="utf-8")
    found = diagnose("lsmdc", "test", tmp_path)
    assert not found.problems
    assert "3 captions are in a wrong encoding" in found.notes[0]
    table.write_text(text.replace("SOMEONE", misread), encoding="utf-8")
    assert (
        "1000 captions are in a wrong encoding" in diagnose("lsmdc", "test", tmp_path).problems[0]
    )
    table.write_text(text.replace("SOMEONE", "Andr\u00e9"), encoding="utf-8")
    assert not diagnose("lsmdc", "test", tmp_path).problems


def test_clips_that_are_empty_or_cannot_be_decoded_are_listed_once(tmp_path, rng):
    lsmdc(tmp_path, rows=6)
    videos = sorted((tmp_path / "LSMDC/videos").glob("*/*.avi"))
    for path in videos:
        path.write_bytes(clip(rng))
    videos[1].write_bytes(b"")
    videos[4].write_bytes(videos[0].read_bytes()[:900])
    found = diagnose("lsmdc", "test", tmp_path, decode=None, check=decode_all)
    assert [(lost.place, lost.why == "empty") for lost in found.lost] == [
        (videos[1], True),
        (videos[4], False),
    ]
    assert "1 clips are empty files" in found.problems[-2]
    assert f"1 clips cannot be decoded, {videos[4].name} for one" in found.problems[-1]
    assert found.notes == ["4 of 5 clips that were tried decode"]


def test_a_clip_whose_end_is_gone_is_found_though_it_starts_well(tmp_path, rng):
    lsmdc(tmp_path, rows=1)
    (video,) = (tmp_path / "LSMDC/videos").glob("*/*.avi")
    video.write_bytes(clip(rng, frames=40))
    assert not diagnose("lsmdc", "test", tmp_path, decode=1, check=decode_all).lost
    whole = video.read_bytes()
    video.write_bytes(whole[: len(whole) * 2 // 3])
    assert diagnose("lsmdc", "test", tmp_path, decode=1, check=decode_all).lost


def test_a_split_that_is_not_here_is_a_problem_only_where_it_is_required(tmp_path):
    (tmp_path / "MSRVTT").mkdir()
    needed = diagnose("msrvtt", "test_1kb", tmp_path)
    optional = diagnose("msrvtt", "test_1kb", tmp_path, required=False)
    assert needed.absent and optional.absent
    assert "is missing" in needed.problems[0]
    assert not optional.problems
    assert "is missing" in optional.notes[0]


def test_action_clips_are_counted_against_their_classes(tmp_path):
    lists = ucf(tmp_path) / "UCF101/ucfTrainTestlist"
    assert len(load_split("ucf101", "test_1", tmp_path).classes) == 101
    rows = (lists / "classInd.txt").read_text().split("\n")
    (lists / "classInd.txt").write_text("\n".join([*rows[:101], "102 Extra"]))
    assert diagnose("ucf101", "test_1", tmp_path).problems == [
        "its lists have 102 classes, published are 101; "
        "is a first row there twice, or a header among the rows?"
    ]


@pytest.mark.parametrize("count", [0, 1, 3, 4, 10, 12])
def test_clips_to_try_are_spread_over_the_split(count):
    chosen = spread(list(range(10)), count)
    assert len(chosen) == min(count, 10)
    steps = [later - earlier for earlier, later in pairwise(chosen)]
    assert not steps or max(steps) - min(steps) <= 1
    assert spread(list(range(10)), None) == list(range(10))
