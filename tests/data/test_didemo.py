"""DiDeMo: paragraphs of its sentences, clips whatever their extension."""

import json
from functools import partial

import numpy as np
import pytest
from handwritten import below, clip, coverage_of, few, said, touch, write

from unify.data.corpora import load_corpus, read_split
from unify.data.decoding import read_example

M4V = "26292851@N04_4253489686_265c3c8051.m4v"
MOV = "10015567@N08_3655084291_d8b58466fa.mov"
BARE = "64282227@N00_2287446157_f6c2a0a4ab."
"""27 names of the test set end in a dot with no extension."""


def row(video: str, text: str, number: int) -> dict:
    return {
        "num_segments": 6,
        "description": text,
        "dl_link": "https://www.flickr.com/video_download.gne?id=4253489686",
        "times": [[4, 4], [4, 4], [3, 3], [4, 4]],
        "video": video,
        "annotation_id": number,
    }


ROWS = [
    row(M4V, "someone kicks the bug towards some rocks.", 1),
    row(MOV, "the dog looks at the camera", 2),
    row(M4V, "a bug is on the ground ", 3),
    row(BARE, "first time we see the bride", 4),
    row("40460118@N04_3730760411_ab8f2b7ae2.avi", "not in the list", 5),
    row(M4V, "the bug comes back", 6),
]


@pytest.fixture
def root(tmp_path):
    lists = {f"DiDeMo/{split}_list.txt": "" for split in ("train", "val")}
    data = {f"DiDeMo/{split}_data.json": "[]" for split in ("train", "val")}
    write(tmp_path, {**lists, **data})
    write(
        tmp_path,
        {
            "DiDeMo/test_data.json": json.dumps(ROWS),
            "DiDeMo/test_list.txt": f"{MOV}\n{M4V}\n{BARE}\n",
        },
    )
    touch(tmp_path / "DiDeMo" / "videos", [M4V, MOV, BARE])
    return tmp_path


def test_the_sentences_of_a_video_are_one_query_in_the_order_of_the_file(root):
    assert said(few("didemo", "test", root)) == {
        MOV: ("the dog looks at the camera",),
        M4V: (
            "someone kicks the bug towards some rocks. a bug is on the ground the bug comes back",
        ),
        BARE: ("first time we see the bride",),
    }


def test_published_names_are_found_with_any_extension_and_with_none(root):
    assert below(root / "DiDeMo/videos", few("didemo", "test", root)) == [MOV, M4V, BARE]


def test_transcoded_clips_are_found_by_their_stem(root):
    videos = root / "DiDeMo" / "videos"
    (videos / M4V).rename(videos / "26292851@N04_4253489686_265c3c8051.mp4")
    (videos / MOV).rename(videos / f"{MOV}.mp4")
    (videos / BARE).rename(videos / f"{BARE}mp4")
    assert below(videos, few("didemo", "test", root)) == [
        f"{MOV}.mp4",
        "26292851@N04_4253489686_265c3c8051.mp4",
        f"{BARE}mp4",
    ]


def test_of_an_original_and_a_transcoded_clip_the_published_name_wins(root):
    touch(root / "DiDeMo" / "videos", [M4V.replace(".m4v", ".mp4"), M4V.replace(".m4v", ".json")])
    assert few("didemo", "test", root)[1].path.name == M4V


def test_subtitles_beside_a_clip_are_no_clip(root):
    videos = root / "DiDeMo" / "videos"
    (videos / M4V).rename(videos / M4V.replace(".m4v", ".json"))
    assert [lost.key for lost in read_split("didemo", "test", root).missing] == [M4V]


@pytest.mark.parametrize(
    "beside", [".jpg", ".webp", ".json", ".en.vtt", ".wav", ".part", ".mp4.part"]
)
def test_what_lies_beside_a_clip_is_not_taken_for_it(root, beside):
    videos, stem = root / "DiDeMo" / "videos", MOV.rpartition(".")[0]
    touch(videos, [stem + beside])
    (videos / MOV).rename(videos / f"{stem}.webm")
    (found,) = (clip for clip in read_split("didemo", "test", root).examples if clip.key == MOV)
    assert found.path.name == f"{stem}.webm"
    found.path.unlink()
    assert [lost.key for lost in read_split("didemo", "test", root).missing] == [MOV]


@pytest.mark.parametrize("extension", ["", ".", ".MKV", ".tar", ".mov.mp4", ".mp4"])
def test_any_video_of_the_stem_is_the_clip(root, extension):
    videos, stem = root / "DiDeMo" / "videos", MOV.rpartition(".")[0]
    (videos / MOV).rename(videos / f"{stem}{extension}")
    assert below(videos, read_split("didemo", "test", root).examples)[0] == f"{stem}{extension}"


def test_only_the_first_thirty_seconds_belong_to_a_clip(root, rng):
    fifty = root / "DiDeMo" / "videos" / MOV
    fifty.write_bytes(clip(rng, frames=50, fps=1))
    (example, *_) = few("didemo", "test", root)
    for decoder in ("decord", "av"):
        lengths = []
        frames = read_example(example, partial(_ends, lengths), decoder)
        assert lengths == [30]
        brightness = frames.float().mean(dim=(1, 2, 3))
        expected = np.linspace(0, 220, 50)[[0, 29]] + 15
        assert np.allclose(brightness.numpy(), expected, atol=12)


def test_a_set_that_lacks_clips_is_refused_or_told(root):
    (root / "DiDeMo" / "videos" / BARE).unlink()
    with pytest.raises(ValueError, match=f"lacks 1 of 3 clips, {BARE} first.*incomplete=true"):
        load_corpus("didemo", "test", root)
    assert len(few("didemo", "test", root)) == 2
    found = coverage_of("didemo", "test", root)
    assert (found.found, found.listed, found.expected, found.whole) == (2, 3, 1004, False)


def test_a_listed_video_without_description_is_an_error(root):
    with (root / "DiDeMo" / "test_list.txt").open("a") as table:
        table.write("1@N00_1_a.mov\n")
    with pytest.raises(ValueError, match=r"describes no 1@N00_1_a\.mov"):
        few("didemo", "test", root)


@pytest.mark.parametrize("extension", ["", ".mp4", "."])
def test_a_list_may_name_stems_or_transcoded_clips(root, extension):
    before = read_split("didemo", "test", root).examples
    names = [example.key.rpartition(".")[0] + extension for example in before]
    write(root, {"DiDeMo/test_list.txt": "\n".join(names)})
    assert read_split("didemo", "test", root).examples == before


def test_a_stem_that_two_videos_share_names_neither(root):
    stem = MOV.rpartition(".")[0]
    write(root, {"DiDeMo/test_data.json": json.dumps([*ROWS, row(f"{stem}.avi", "a cat", 7)])})
    assert len(read_split("didemo", "test", root).examples) == 3
    write(root, {"DiDeMo/test_list.txt": f"{stem}.mp4\n"})
    with pytest.raises(ValueError, match=rf"describes no {stem}\.mp4"):
        read_split("didemo", "test", root)


def test_a_list_that_names_a_video_twice_is_an_error(root):
    with (root / "DiDeMo" / "test_list.txt").open("a") as table:
        table.write(f"{MOV}\n")
    with pytest.raises(ValueError, match=f"lists {MOV} twice"):
        few("didemo", "test", root)
    write(root, {"DiDeMo/test_list.txt": f"{MOV}\n{MOV.replace('.mov', '.mp4')}\n"})
    with pytest.raises(ValueError, match=f"lists {MOV} twice"):
        few("didemo", "test", root)


@pytest.mark.parametrize(
    "content", ['{"a": 1}', "null", '[{"video": 1, "description": "a dog"}]', '[{"video": "a"}]']
)
def test_a_file_of_another_kind_is_named(root, content):
    write(root, {"DiDeMo/test_data.json": content})
    with pytest.raises(ValueError, match="no file of LocalizingMoments"):
        few("didemo", "test", root)


def _ends(lengths: list[int], length: int) -> list[int]:
    """First and last frame; notes the length."""
    lengths.append(length)
    return [0, length - 1]
