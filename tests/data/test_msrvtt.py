"""MSR-VTT: the same splits from each of the layouts in which it travels."""

import json
import pickle
import re

import numpy as np
import pytest
from handwritten import below, few, said, touch, write

from unify.data.corpora import read_split

SENTENCES = {
    "video0": ("a car is shown", "a man drives"),
    "video1": ("a woman sings", "singing on a stage"),
    "video6513": ("a dog barks", "a loud dog"),
    "video7020": ("people cook", "a kitchen", "a pot"),
    "video9770": ("a person is connecting something to system", "cables"),
}
PARTS = {"video0": "train", "video1": "train", "video6513": "validate"}
TRAIN, VAL, TEST = ("video0", "video1"), ("video6513",), ("video7020", "video9770")
NINE, QUERY = (*TRAIN, *VAL, "video7020"), 0

CLIP4CLIP = {
    "MSRVTT_data.json": json.dumps(
        {
            "info": {"year": "2016"},
            "videos": [
                {
                    "category": 9,
                    "url": "https://www.youtube.com/watch?v=9lZi22qLlEo",
                    "video_id": name,
                    "start time": 137.72,
                    "end time": 149.44,
                    "split": PARTS.get(name, "test"),
                    "id": number,
                }
                for number, name in enumerate(SENTENCES)
            ],
            "sentences": [
                {"caption": text, "video_id": name, "sen_id": number}
                for name, texts in SENTENCES.items()
                for number, text in enumerate(texts)
            ],
        }
    ),
    "MSRVTT_train.9k.csv": "video_id\r\n" + "".join(f"{name}\r\n" for name in NINE),
    "MSRVTT_JSFUSION_test.csv": (
        "key,vid_key,video_id,sentence\n"
        "ret0,msr9770,video9770,a person is connecting something to system\n"
    ),
}
LISTS = "high-quality/structured-symlinks"
MIECH = {
    "train_list_miech.txt": "\n".join(TRAIN),
    "test_list_miech.txt": "\n".join(TEST) + "\n",
}
FROZEN = {
    "annotation/MSR_VTT.json": json.dumps(
        {
            "images": [{"id": name} for name in SENTENCES],
            "annotations": [
                {"image_id": name, "caption": text, "id": number}
                for name, texts in SENTENCES.items()
                for number, text in enumerate(texts)
            ],
        }
    ),
    f"{LISTS}/train_list_jsfusion.txt": "\n".join(NINE),
    f"{LISTS}/val_list_jsfusion.txt": "video9770\n",
    f"{LISTS}/jsfusion_val_caption_idx.pkl": pickle.dumps({"video9770": QUERY}),
    f"{LISTS}/train_list_full.txt": "\n".join(TRAIN),
    f"{LISTS}/val_list_full.txt": "\n".join(VAL),
    f"{LISTS}/test_list_full.txt": "\n".join(TEST),
    **{f"{LISTS}/{name}": text for name, text in MIECH.items()},
}
WANTED = {
    "train": NINE,
    "train_9k": NINE,
    "train_7k": (*TRAIN, *VAL),
    "train_1kb": TRAIN,
    "train_full": TRAIN,
    "val_full": VAL,
    "test_full": TEST,
}
"""Splits with all sentences of their videos."""


def kit(tmp_path, files):
    write(tmp_path / "MSRVTT", files)
    touch(tmp_path / "MSRVTT" / "videos" / "all", [f"{name}.mp4" for name in SENTENCES])
    return tmp_path


@pytest.mark.parametrize("layout", [{**CLIP4CLIP, **MIECH}, FROZEN], ids=["clip4clip", "frozen"])
def test_every_split_is_read_from_either_layout(tmp_path, layout):
    root = kit(tmp_path, layout)
    for split, names in WANTED.items():
        examples = few("msrvtt", split, root)
        assert said(examples) == {name: SENTENCES[name] for name in names}
        assert [example.key for example in examples] == list(names)
        assert below(root / "MSRVTT", examples) == [f"videos/all/{name}.mp4" for name in names]


@pytest.mark.parametrize("layout", [{**CLIP4CLIP, **MIECH}, FROZEN], ids=["clip4clip", "frozen"])
def test_1ka_and_1kb_ask_with_one_sentence_a_clip(tmp_path, layout):
    root = kit(tmp_path, layout)
    assert said(few("msrvtt", "test_1ka", root)) == {
        "video9770": ("a person is connecting something to system",)
    }
    assert said(few("msrvtt", "test_1kb", root)) == {
        "video7020": ("people cook",),
        "video9770": ("a person is connecting something to system",),
    }


def test_the_pickle_of_1ka_chooses_the_sentence(tmp_path):
    name = f"{LISTS}/jsfusion_val_caption_idx.pkl"
    root = kit(tmp_path, FROZEN | {name: pickle.dumps({"video9770": 1})})
    assert said(few("msrvtt", "test_1ka", root)) == {"video9770": ("cables",)}


@pytest.mark.parametrize("kind", ["i8", "<i4", ">i8", "u1", "<u2"])
@pytest.mark.parametrize("module", ["numpy.core.multiarray", "numpy._core.multiarray"])
def test_an_index_may_be_an_integer_of_any_numpy(tmp_path, kind, module):
    content = pickle.dumps({"video9770": np.array(1, kind)[()]}, protocol=3)
    content = re.sub(rb"numpy\._?core\.multiarray", module.encode(), content)
    root = kit(tmp_path, FROZEN | {f"{LISTS}/jsfusion_val_caption_idx.pkl": content})
    assert said(read_split("msrvtt", "test_1ka", root).examples) == {"video9770": ("cables",)}


@pytest.mark.parametrize("value", [np.float64(1), np.array([1]), np.datetime64(1, "s")])
def test_other_values_of_numpy_are_refused(tmp_path, value):
    name = f"{LISTS}/jsfusion_val_caption_idx.pkl"
    root = kit(tmp_path, FROZEN | {name: pickle.dumps({"video9770": value})})
    with pytest.raises(ValueError, match="refused, as it holds"):
        read_split("msrvtt", "test_1ka", root)


@pytest.mark.parametrize(
    "chosen", [{}, {"video9770": 2}, {"video9770": -1}, {"video9770": "0"}, [0], 7]
)
def test_a_choice_that_names_no_sentence_is_an_error(tmp_path, chosen):
    name = f"{LISTS}/jsfusion_val_caption_idx.pkl"
    root = kit(tmp_path, FROZEN | {name: pickle.dumps(chosen)})
    with pytest.raises(ValueError, match="does not choose one caption"):
        few("msrvtt", "test_1ka", root)


def test_a_pickle_that_would_run_code_is_refused_and_not_run(tmp_path):
    trace = tmp_path / "harmed"
    harm = f"cos\nsystem\n(S'touch {trace}'\ntR.".encode()
    root = kit(tmp_path, FROZEN | {f"{LISTS}/jsfusion_val_caption_idx.pkl": harm})
    with pytest.raises(ValueError, match=r"refused.*os\.system"):
        few("msrvtt", "test_1ka", root)
    assert not trace.exists()


def test_validation_videos_that_are_trained_on_are_no_validation(tmp_path):
    for number, layout in enumerate((CLIP4CLIP, FROZEN)):
        root = kit(tmp_path / str(number), layout)
        with pytest.raises(ValueError, match="no clean split val"):
            few("msrvtt", "val", root)


def test_validation_videos_that_are_not_trained_on_are_read(tmp_path):
    fewer = "\n".join(name for name in NINE if name not in VAL)
    layouts = (
        CLIP4CLIP | {"MSRVTT_train.9k.csv": f"video_id\n{fewer}\n"},
        FROZEN | {f"{LISTS}/train_list_jsfusion.txt": fewer},
    )
    for number, layout in enumerate(layouts):
        root = kit(tmp_path / str(number), layout)
        assert list(said(few("msrvtt", "val", root))) == list(VAL)


def test_json_lines_of_clipbert_and_alpro_are_read(tmp_path):
    rows = [{"clip_name": name, "caption": text} for name in TRAIN for text in SENTENCES[name]]
    test = {"clip_name": "video7020", "caption": "people cook", "sen_id": 0}
    root = write(
        tmp_path,
        {
            "MSRVTT/msrvtt_ret/txt/train.jsonl": "".join(json.dumps(row) + "\n" for row in rows),
            "MSRVTT/msrvtt_ret/txt/test.jsonl": json.dumps(test),
        },
    )
    touch(root / "MSRVTT" / "msrvtt_ret" / "videos", [f"{name}.mp4" for name in SENTENCES])
    trained = said(few("msrvtt", "train_7k", root))
    assert trained == {name: SENTENCES[name] for name in TRAIN}
    assert said(few("msrvtt", "test_1ka", root)) == {"video7020": ("people cook",)}
    with (root / "MSRVTT/msrvtt_ret/txt/test.jsonl").open("a") as table:
        table.write('\n{"clip_name": "vid')
    with pytest.raises(ValueError, match=r"test\.jsonl: line 2 is not JSON"):
        few("msrvtt", "test_1ka", root)


def test_where_there_is_another_training_split_it_is_named(tmp_path):
    table = json.dumps({"clip_name": "video0", "caption": "a car is shown"})
    root = write(tmp_path, {"MSRVTT/msrvtt_ret/txt/train.jsonl": table})
    told = r"is missing; .*there is train_7k: set data\.corpora=msrvtt/train_7k for it"
    with pytest.raises(ValueError, match=told):
        read_split("msrvtt", "train", root)
    assert len(read_split("msrvtt", "train_7k", root).missing) == 1
    with pytest.raises(ValueError, match="is missing") as told:
        read_split("msrvtt", "test_1ka", root)
    assert "train_7k" not in str(told.value)
    write(root, {"MSRVTT/MSRVTT_data.json": CLIP4CLIP["MSRVTT_data.json"]})
    with pytest.raises(ValueError, match="there is train_7k, train_full: set"):
        read_split("msrvtt", "train", root)


def test_json_of_singularity_is_read(tmp_path):
    train = [{"image": f"{name}.mp4", "caption": list(SENTENCES[name])} for name in NINE]
    test = [{"image": "video9770.mp4", "caption": "cables"}]
    files = {"msrvtt_ret_train9k.json": train, "msrvtt_ret_test1k.json": test}
    root = kit(tmp_path, {name: json.dumps(rows) for name, rows in files.items()})
    trained = said(few("msrvtt", "train", root))
    assert trained == {name: SENTENCES[name] for name in NINE}
    assert said(few("msrvtt", "test_1ka", root)) == {"video9770": ("cables",)}


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ({"image": "video9770.mp4", "caption": []}, "video9770.mp4 has no caption"),
        ({"image": "video9770.mp4", "caption": None}, "video9770.mp4 has no caption"),
        ({"image": "video9770.mp4", "caption": ["cables", 3]}, "video9770.mp4 has no caption"),
        ({"image": 9770, "caption": "cables"}, "9770 is no clip's name"),
        ({"image": None, "caption": "cables"}, "None is no clip's name"),
        ({"image": ["video9770.mp4"], "caption": "cables"}, "a row lacks unhashable"),
        ({"caption": "cables"}, "a row lacks 'image'"),
    ],
)
def test_rows_without_a_clip_or_a_caption_are_refused_in_one_line(tmp_path, row, problem):
    root = kit(tmp_path, {"msrvtt_ret_test1k.json": json.dumps([row])})
    with pytest.raises(ValueError, match=rf"msrvtt_ret_test1k\.json: {problem}") as told:
        read_split("msrvtt", "test_1ka", root)
    assert "\n" not in str(told.value)


def test_a_split_comes_from_the_layout_that_has_its_files(tmp_path):
    root = kit(tmp_path, {"MSRVTT_JSFUSION_test.csv": CLIP4CLIP["MSRVTT_JSFUSION_test.csv"]})
    write(root / "MSRVTT", FROZEN)
    assert len(few("msrvtt", "test_1ka", root)) == 1
    assert len(few("msrvtt", "test_full", root)) == 2


def test_clips_are_found_where_the_published_archives_put_them(tmp_path):
    root = kit(tmp_path, CLIP4CLIP)
    for name in SENTENCES:
        folder = "TrainValVideo" if name in PARTS else "TestVideo"
        target = root / "MSRVTT" / folder / f"{name}.mp4"
        target.parent.mkdir(exist_ok=True)
        (root / "MSRVTT" / "videos" / "all" / f"{name}.mp4").rename(target)
    assert below(root / "MSRVTT", few("msrvtt", "train_9k", root)) == [
        *[f"TrainValVideo/{name}.mp4" for name in (*TRAIN, *VAL)],
        "TestVideo/video7020.mp4",
    ]


def test_a_video_that_a_list_names_twice_or_that_has_no_sentence_is_an_error(tmp_path):
    root = kit(tmp_path, CLIP4CLIP)
    test = root / "MSRVTT" / "MSRVTT_JSFUSION_test.csv"
    test.write_text(test.read_text() + "ret1,msr9770,video9770,cables\n")
    with pytest.raises(ValueError, match="lists video9770 twice"):
        few("msrvtt", "test_1ka", root)
    with (root / "MSRVTT" / "MSRVTT_train.9k.csv").open("a") as table:
        table.write("video12\n")
    with pytest.raises(ValueError, match="no sentence for video12"):
        few("msrvtt", "train_9k", root)


def test_a_training_set_may_lack_clips_and_says_so(tmp_path, caplog):
    root = kit(tmp_path, CLIP4CLIP)
    (root / "MSRVTT" / "videos" / "all" / "video1.mp4").unlink()
    assert len(few("msrvtt", "train", root)) == 3
    assert "msrvtt/train: 3 of 4 files are in" in caplog.text


@pytest.mark.parametrize(
    "content", ['{"videos": []}', '{"sentences": [{"caption": "a"}]}', "[]", '{"sentences": 3}']
)
def test_json_of_another_kind_is_named(tmp_path, content):
    root = kit(tmp_path, CLIP4CLIP | {"MSRVTT_data.json": content})
    with pytest.raises(ValueError, match="no CLIP4Clip kit"):
        read_split("msrvtt", "train_9k", root)


def test_a_split_without_any_clip_is_an_error_that_names_a_place(tmp_path):
    write(tmp_path / "MSRVTT", CLIP4CLIP)
    with pytest.raises(ValueError, match=r"none of its 1 files .*videos/all/video9770\.mp4"):
        few("msrvtt", "test_1ka", tmp_path)
