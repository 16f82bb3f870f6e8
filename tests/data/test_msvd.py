"""MSVD: both protocols, both caption files, and pickles that are read without being trusted."""

import json
import os
import pickle
from collections import OrderedDict

import pytest
from handwritten import below, coverage_of, few, said, touch, write

from unify.data.corpora import read_split

SQUIRREL = "-4wsuPCjDBc_5_15"
COOK = "mv89psg6zh4_33_46"
TRAINED = "rl1FAHJ9GlE_12_22"
TOKENS = {
    SQUIRREL: [["a", "squirrel", "is", "eating", "a", "peanut"], ["an", "animal", "eats"]],
    COOK: [["a", "woman", "cooks"], ["someone", "stirs"], ["a", "cook"]],
    TRAINED: [["a", "man", "runs"], ["running"]],
}
DESCRIPTIONS = f"""# Descriptions of the clips
# The first field is the id of the clip

{COOK} a woman cooks
{SQUIRREL} a squirrel is eating a peanut
{COOK} someone stirs
{SQUIRREL} an animal eats
{TRAINED} a man runs
{TRAINED} running
{COOK} a cook
"""


@pytest.fixture
def root(tmp_path):
    write(
        tmp_path / "MSVD",
        {
            "train_list.txt": f"{TRAINED}\n",
            "val_list.txt": f"{TRAINED}\n",
            "test_list.txt": f"{SQUIRREL}\n{COOK}\n",
            "raw-captions.pkl": pickle.dumps(TOKENS),
        },
    )
    touch(tmp_path / "MSVD" / "YouTubeClips", [f"{name}.avi" for name in TOKENS])
    return tmp_path


def test_every_caption_is_a_query_or_the_first_of_each_clip_alone(root):
    assert said(few("msvd", "test", root)) == {
        SQUIRREL: ("a squirrel is eating a peanut", "an animal eats"),
        COOK: ("a woman cooks", "someone stirs", "a cook"),
    }
    assert said(few("msvd", "test_one_caption", root)) == {
        SQUIRREL: ("a squirrel is eating a peanut",),
        COOK: ("a woman cooks",),
    }


def test_captions_are_never_joined_to_a_paragraph(root):
    assert coverage_of("msvd", "test", root).captions == 5
    assert coverage_of("msvd", "test_one_caption", root).captions == 2


def test_the_corpus_own_descriptions_say_the_same(root):
    from_pickle = {split: said(few("msvd", split, root)) for split in ("train", "test")}
    (root / "MSVD" / "raw-captions.pkl").unlink()
    write(root, {"MSVD/AllVideoDescriptions.txt": DESCRIPTIONS})
    assert {split: said(few("msvd", split, root)) for split in from_pickle} == from_pickle


def test_captions_written_as_json_come_before_the_pickle(root):
    write(root, {"MSVD/raw-captions.json": json.dumps(TOKENS | {COOK: ["a cook, in one text"]})})
    assert said(few("msvd", "test", root))[COOK] == ("a cook, in one text",)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_plain_pickles_of_every_protocol_are_read(root, protocol):
    tokens = {clip: [set(TOKENS[clip][0]), frozenset(["a"]), ("b",)] for clip in TOKENS}
    write(root, {"MSVD/raw-captions.pkl": pickle.dumps(tokens, protocol)})
    assert len(said(few("msvd", "test", root))[COOK]) == 3


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_ordered_dicts_are_plain(root, protocol):
    captions = pickle.dumps(OrderedDict(TOKENS), protocol)
    before = said(read_split("msvd", "test", root).examples)
    write(root, {"MSVD/raw-captions.pkl": captions})
    assert said(read_split("msvd", "test", root).examples) == before


class Harm:
    """Writes a file when it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.system, (f"touch {self.path}",)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_pickle_that_would_run_code_is_refused_and_not_run(root, tmp_path, protocol):
    trace = tmp_path / "harmed"
    write(root, {"MSVD/raw-captions.pkl": pickle.dumps({COOK: Harm(trace)}, protocol)})
    with pytest.raises(ValueError, match=r"raw-captions\.pkl .*refused.*system"):
        few("msvd", "test", root)
    assert not trace.exists()


def test_builtins_that_run_code_are_refused_too(root, tmp_path):
    for name in (b"eval", b"exec", b"getattr", b"__import__"):
        write(root, {"MSVD/raw-captions.pkl": b"cbuiltins\n" + name + b"\n(S'1'\ntR."})
        with pytest.raises(ValueError, match=rf"refused.*builtins\.{name.decode()}"):
            few("msvd", "test", root)


def test_a_pickle_that_is_cut_short_is_named_with_what_to_do(root):
    path = root / "MSVD" / "raw-captions.pkl"
    path.write_bytes(path.read_bytes()[:40])
    with pytest.raises(
        ValueError, match=r"is no pickle of plain values.*download it again"
    ) as told:
        few("msvd", "test", root)
    assert "\n" not in str(told.value)


def test_a_listed_clip_without_caption_is_an_error(root):
    write(root, {"MSVD/test_list.txt": f"{SQUIRREL}\nunknown_1_2\n"})
    with pytest.raises(ValueError, match="no caption for unknown_1_2"):
        few("msvd", "test", root)


def test_clips_are_found_after_transcoding(root):
    kit = root / "MSVD"
    (kit / "YouTubeClips").rename(kit / "videos")
    (kit / "videos" / f"{COOK}.avi").rename(kit / "videos" / f"{COOK}.mp4")
    assert below(kit, read_split("msvd", "test", root).examples) == [
        f"videos/{SQUIRREL}.avi",
        f"videos/{COOK}.mp4",
    ]
