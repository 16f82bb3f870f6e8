"""Captions that no corpus should hold: what each reader makes of them, and the tokenizer."""

import json
import pickle
import zlib

import numpy as np
import pytest
from handwritten import fill, tar, write

from unify.data.corpora import load_corpus, read_split
from unify.data.corpora.captions import has_words, whole
from unify.data.doctor import diagnose
from unify.data.tokens import shared_tokenizer

GOOD = "a bird flies"
CLIP = "0001_A_00.00.0{}.1-00.00.04.2"


def msrvtt(root, text):
    sentences = [{"video_id": f"video{k}", "caption": GOOD} for k in range(2)]
    data = {
        "videos": [{"video_id": f"video{k}", "split": "train"} for k in range(2)],
        "sentences": [*sentences, {"video_id": "video1", "caption": text}],
    }
    write(root, {"MSRVTT/MSRVTT_data.json": json.dumps(data)})
    fill(root / "MSRVTT/videos/all", ["video0.mp4", "video1.mp4"])
    return "msrvtt", "train_full"


def didemo(root, text):
    rows = [{"video": "a.mp4", "description": GOOD}, {"video": "b.mp4", "description": text}]
    write(root, {"DiDeMo/train_data.json": json.dumps(rows)})
    write(root, {"DiDeMo/train_list.txt": "a.mp4\nb.mp4\n"})
    fill(root / "DiDeMo/videos", ["a.mp4", "b.mp4"])
    return "didemo", "train"


def lsmdc(root, text):
    rows = [f"{CLIP.format(k)}\t0\t1\t0\t1\t{said}\n" for k, said in enumerate((GOOD, text))]
    write(root, {"LSMDC/LSMDC16_annos_training.csv": "".join(rows)})
    fill(root / "LSMDC/videos/0001_A", [f"{CLIP.format(k)}.avi" for k in range(2)])
    return "lsmdc", "train"


def msvd(root, text):
    captions = {"a": [GOOD.split()], "b": [GOOD.split(), text]}
    write(root, {"MSVD/raw-captions.pkl": pickle.dumps(captions), "MSVD/train_list.txt": "a\nb\n"})
    fill(root / "MSVD/YouTubeClips", ["a.avi", "b.avi"])
    return "msvd", "train"


def webvid(root, text):
    rows = "".join(f'{k},u,d,p,"{said}"\n' for k, said in enumerate((GOOD, text)))
    table = f"videoid,contentUrl,duration,page_dir,name\n{rows}"
    write(root, {"WebVid/metadata/results_2M_train.csv": table})
    fill(root / "WebVid/videos/p", ["0.mp4", "1.mp4"])
    return "webvid2m", "train"


def cc3m(root, text):
    write(root, {"CC3M/Train_GCC-training.tsv": f"{GOOD}\thttp://a\n{text}\thttp://b\n"})
    codes = [zlib.crc32(url) for url in (b"http://a", b"http://b")]
    fill(root / "CC3M/training", [f"{code}.jpg" for code in codes])
    return "cc3m", "train"


def shards(root, text):
    told = json.dumps({"caption": text}).encode()
    files = {"a.mp4": b"x", "a.txt": GOOD.encode(), "b.mp4": b"x", "b.json": told}
    write(root, {"WebVid/shards/train/0.tar": tar(files)})
    return "webvid2m", "train"


ANNOTATED = {
    msrvtt: "MSRVTT_data.json: caption 2 of video1 ",
    didemo: "train_data.json: caption 1 of b.mp4 ",
    lsmdc: f"LSMDC16_annos_training.csv: caption 1 of {CLIP.format(1)} ",
    msvd: "raw-captions.pkl: caption 2 of b ",
}
"""Corpora whose owners wrote every caption, and where the odd one lies."""
FOUND = {
    webvid: "1 rows of metadata/results_2M_train.csv have no caption and are left out, 1 for one",
    cc3m: "1 rows of Train_GCC-training.tsv have no caption and are left out, 1_",
    shards: "1 samples have no caption and are left out, 0/b for one",
}
"""Corpora found in the web, and what is said where a caption is no caption."""
JSON = (msrvtt, didemo, msvd, shards)
ODD = {
    "long": "dog " * 10_000,
    "emoji": "a dog \U0001f600",
    "right to left": "\u05db\u05dc\u05d1 \u0643\u0644\u0628",
    "NUL": "a\0dog",
    "escape codes": "a \x1b[31mdog",
}


@pytest.mark.parametrize("make", [*ANNOTATED, *FOUND])
@pytest.mark.parametrize("text", ODD.values(), ids=ODD)
def test_what_has_words_is_read_and_fits_the_tokens_asked_for(tmp_path, make, text):
    corpus, split = make(tmp_path, text)
    clips = load_corpus(corpus, split, tmp_path)
    assert len(clips) == 2
    (row,) = shared_tokenizer().rows([clips[1].captions[-1]], 12)
    assert 3 <= len(row) <= 12
    assert text.startswith(clips[1].captions[-1].rstrip())


@pytest.mark.parametrize("text", ["", "  ", "\0\0", "\ufeff \u200b"])
@pytest.mark.parametrize("make", ANNOTATED)
def test_a_caption_without_words_is_left_out_and_named(tmp_path, caplog, make, text):
    corpus, split = make(tmp_path, text)
    clips = load_corpus(corpus, split, tmp_path)
    assert {caption for clip in clips for caption in clip.captions} == {GOOD}
    assert f"{ANNOTATED[make]}has no words (" in caplog.text
    assert any(ANNOTATED[make] in line for line in diagnose(corpus, split, tmp_path).problems)


@pytest.mark.parametrize("text", ["", "\0\0"])
@pytest.mark.parametrize("make", FOUND)
def test_rows_of_the_web_without_words_are_left_out_counted_and_logged(
    tmp_path, caplog, make, text
):
    corpus, split = make(tmp_path, text)
    assert len(load_corpus(corpus, split, tmp_path)) == 1
    assert FOUND[make] in caplog.text
    assert any(FOUND[make] in line for line in diagnose(corpus, split, tmp_path).notes)


@pytest.mark.parametrize("make", [msrvtt, didemo, msvd])
@pytest.mark.parametrize("value", [None, 3])
def test_a_caption_that_is_no_text_is_an_error_with_its_place(tmp_path, make, value):
    corpus, split = make(tmp_path, value)
    place = "row 2 has no video and description" if make is didemo else ANNOTATED[make]
    with pytest.raises(ValueError, match="; write ") as told:
        read_split(corpus, split, tmp_path)
    assert place in str(told.value) and "\n" not in str(told.value)


@pytest.mark.parametrize("make", JSON)
def test_half_a_character_is_replaced(tmp_path, make):
    corpus, split = make(tmp_path, "a \ud83d dog")
    clips = load_corpus(corpus, split, tmp_path)
    assert clips[1].captions[-1] == "a \ufffd dog"
    assert len(shared_tokenizer().rows(clips[1].captions)[-1]) == 4


def test_a_query_without_words_makes_another_test_set(tmp_path, caplog):
    header = "key,vid_key,video_id,sentence\n"
    rows = "".join(f"ret{k},msr{k},video{k},{said}\n" for k, said in enumerate((GOOD, "\0", "")))
    write(tmp_path, {"MSRVTT/MSRVTT_JSFUSION_test.csv": header + rows})
    fill(tmp_path / "MSRVTT/videos/all", [f"video{k}.mp4" for k in range(3)])
    said = (
        r"test\.csv: caption 1 of video1 has no words \('\\x00'\) and 1 more like it; .*"
        r"evaluation\.incomplete=true"
    )
    with pytest.raises(ValueError, match=said):
        load_corpus("msrvtt", "test_1ka", tmp_path)
    assert len(load_corpus("msrvtt", "test_1ka", tmp_path, incomplete=True)) == 1
    assert "left out: " in caplog.text


def test_an_empty_description_adds_nothing_to_a_paragraph(tmp_path):
    corpus, split = didemo(tmp_path, GOOD)
    rows = [{"video": "b.mp4", "description": said} for said in (GOOD, "", "\0", "it lands")]
    rows.append({"video": "a.mp4", "description": GOOD})
    write(tmp_path, {"DiDeMo/train_data.json": json.dumps(rows)})
    assert load_corpus(corpus, split, tmp_path)[1].captions == (f"{GOOD} it lands",)


def test_a_text_has_words_where_the_tokenizer_finds_some(rng, seed):
    """Of old characters: newer versions of Unicode know more of them than the tokenizer does."""
    codes = rng.integers(1, 0x800, (2000, 3)).tolist()
    texts = [whole("".join(map(chr, [*few, ord(" ")]))) for few in codes]
    texts += [chr(code) for code in (*range(0x590), *range(0x2000, 0x2100), 0xFFFD, 0xE000)]
    for text, row in zip(texts, shared_tokenizer().rows(texts), strict=True):
        assert has_words(text) == (len(row) > 2), (text, seed)


def test_halves_that_belong_together_are_joined_and_whole_texts_are_left(rng):
    texts = ["a \U0001f600", "caf\u00e9", "\u05db\0", "".join(map(chr, rng.integers(32, 9000, 50)))]
    assert [whole(text) for text in texts] == texts
    assert whole("\ud83d\ude00") == "\U0001f600"
    assert np.all([has_words(whole(f"{half}")) is False for half in ("\ud83d", "\ude00")])


@pytest.mark.parametrize("make", [*ANNOTATED, *FOUND])
def test_where_no_caption_has_words_that_is_said(tmp_path, make, monkeypatch):
    monkeypatch.setitem(make.__globals__, "GOOD", "\0")
    corpus, split = make(tmp_path, " " if make is not msvd else "")
    with pytest.raises(ValueError, match=r"ha(s|ve) no (words|caption).*; download them again"):
        load_corpus(corpus, split, tmp_path)
