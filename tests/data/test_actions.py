"""HMDB51 and UCF101: three test splits, classes in one order, names as words."""

import pytest
from handwritten import below, touch, write

from unify.data.corpora import load_corpus, load_split, read_split
from unify.data.corpora.class_names import words

BRUSH = "April_09_brush_hair_u_nm_np1_ba_goo_0.avi"
CLAP = "#20_Rhythm_clap_u_nm_np1_fr_goo_0.avi"
SHOOT = "Sharp_Shooter(a)_shoot_ball_u_nm_np1_ri_med_5.avi"


@pytest.fixture
def hmdb(tmp_path):
    parts = {"brush_hair": (BRUSH, "212"), "clap": (CLAP, "221"), "shoot_ball": (SHOOT, "012")}
    folder = "HMDB51/testTrainMulti_7030_splits"
    for name, (clip, labels) in parts.items():
        for split, label in enumerate(labels, start=1):
            rows = f"{clip} {label} \nunused_{name}.avi 0 \ntrain_{name}.avi 1 \n"
            write(tmp_path, {f"{folder}/{name}_test_split{split}.txt": rows})
        touch(tmp_path, [f"HMDB51/videos/{name}/{clip}"])
    return tmp_path


@pytest.fixture
def ucf(tmp_path):
    lists = tmp_path / "UCF101" / "ucfTrainTestlist"
    write(
        lists,
        {
            "classInd.txt": "1 ApplyEyeMakeup\r\n2 HandstandPushups\r\n3 YoYo\r\n",
            "testlist01.txt": (
                "YoYo/v_YoYo_g01_c01.avi\r\n"
                "HandstandPushups/v_HandStandPushups_g01_c01.avi\r\n"
                "YoYo/v_YoYo_g01_c02.avi\r\n"
            ),
            "testlist02.txt": "ApplyEyeMakeup/v_ApplyEyeMakeup_g08_c01.avi\n",
            "trainlist01.txt": "ApplyEyeMakeup/v_ApplyEyeMakeup_g08_c01.avi 1\r\n",
        },
    )
    clips = ["YoYo/v_YoYo_g01_c01.avi", "HandstandPushups/v_HandStandPushups_g01_c01.avi"]
    clips += ["YoYo/v_YoYo_g01_c02.avi", "ApplyEyeMakeup/v_ApplyEyeMakeup_g08_c01.avi"]
    touch(tmp_path / "UCF101" / "UCF-101", clips)
    return tmp_path


@pytest.mark.parametrize(
    ("split", "shown"),
    [
        ("test_1", {BRUSH: "brush_hair", CLAP: "clap"}),
        ("test_2", {CLAP: "clap"}),
        ("test_3", {BRUSH: "brush_hair", SHOOT: "shoot_ball"}),
    ],
)
def test_the_test_clips_of_each_split_of_hmdb51(hmdb, split, shown):
    found = read_split("hmdb51", split, hmdb)
    assert found.classes == ("brush_hair", "clap", "shoot_ball")
    assert {c.path.name: found.classes[c.label] for c in found.examples} == shown
    assert all(
        c.path.is_file() and c.path.parent.name == shown[c.path.name] for c in found.examples
    )


def test_the_test_clips_of_each_split_of_ucf101(ucf):
    found = read_split("ucf101", "test_1", ucf)
    assert found.classes == ("ApplyEyeMakeup", "HandstandPushups", "YoYo")
    assert [clip.label for clip in found.examples] == [2, 1, 2]
    assert below(ucf / "UCF101", found.examples) == [
        "UCF-101/YoYo/v_YoYo_g01_c01.avi",
        "UCF-101/HandstandPushups/v_HandStandPushups_g01_c01.avi",
        "UCF-101/YoYo/v_YoYo_g01_c02.avi",
    ]
    assert [clip.label for clip in read_split("ucf101", "test_2", ucf).examples] == [0]


def test_transcoded_clips_in_other_folders_are_found(hmdb, ucf):
    (hmdb / "HMDB51" / "videos").rename(hmdb / "HMDB51" / "hmdb51_org")
    clap = hmdb / "HMDB51" / "hmdb51_org" / "clap" / CLAP
    clap.rename(clap.with_suffix(".mp4"))
    assert clap.with_suffix(".mp4") in [
        clip.path for clip in read_split("hmdb51", "test_1", hmdb).examples
    ]
    for folder in list((ucf / "UCF101" / "UCF-101").iterdir()):
        folder.rename(ucf / "UCF101" / folder.name)
    assert len(read_split("ucf101", "test_1", ucf).examples) == 3


def test_a_test_set_that_lacks_a_clip_is_refused_or_told(hmdb):
    (hmdb / "HMDB51" / "videos" / "clap" / CLAP).unlink()
    with pytest.raises(ValueError, match="lacks 1 of 2 clips"):
        load_split("hmdb51", "test_1", hmdb)
    assert len(load_split("hmdb51", "test_1", hmdb, incomplete=True).missing) == 1


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("ApplyEyeMakeup", "apply eye makeup"),
        ("CleanAndJerk", "clean and jerk"),
        ("YoYo", "yo yo"),
        ("BMXRiding", "bmx riding"),
        ("Punch", "punch"),
        ("shoot_ball", "shoot ball"),
        ("sword_exercise", "sword exercise"),
        ("clap", "clap"),
    ],
)
def test_class_names_are_split_into_words(name, said):
    assert words(name) == said


def test_lists_that_do_not_fit_are_named(hmdb, ucf):
    lists = ucf / "UCF101" / "ucfTrainTestlist"
    write(lists, {"testlist01.txt": "Yoyo/v_YoYo_g01_c01.avi\n"})
    with pytest.raises(ValueError, match=r"Yoyo/v_YoYo_g01_c01\.avi is of no class"):
        read_split("ucf101", "test_1", ucf)
    write(lists, {"classInd.txt": "1 ApplyEyeMakeup\n3 YoYo\n"})
    with pytest.raises(ValueError, match="line 2 is not 2 and a class's name"):
        read_split("ucf101", "test_1", ucf)
    write(hmdb, {"HMDB51/testTrainMulti_7030_splits/clap_test_split1.txt": f"{CLAP}\n"})
    with pytest.raises(ValueError, match="line 1 is not a clip and 0, 1 or 2"):
        read_split("hmdb51", "test_1", hmdb)


def test_a_corpus_with_classes_is_not_read_as_one_with_captions(hmdb):
    with pytest.raises(ValueError, match="hmdb51 has classes, not captions"):
        load_corpus("hmdb51", "test_1", hmdb)
