"""Corpora read back what was drawn, and say what is wrong with files that do not fit."""

import shutil
import zlib
from pathlib import Path

import pytest

from unify.config.corpora import CORPORA
from unify.data.corpora import (
    READERS,
    load_corpus,
    load_labelled_images,
    load_wordings,
    read_split,
)
from unify.data.miniature.layouts import LAYOUTS
from unify.data.miniature.story import cast


@pytest.fixture
def copied(world: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(world, tmp_path / "world"))


@pytest.mark.parametrize(
    ("name", "split", "count"),
    [
        ("cc3m", "train", 40),
        ("cc3m", "val", 8),
        ("webvid2m", "train", 40),
        ("webvid2m", "val", 8),
        ("msrvtt", "train_9k", 20),
        ("msrvtt", "train", 20),
        ("msrvtt", "val", 8),
        ("msrvtt", "test_1ka", 30),
        ("msrvtt_unseen_style", "test_1ka", 8),
    ],
)
def test_every_split_is_read_in_full(world, name, split, count):
    examples = load_corpus(name, split, world)
    assert len(examples) == count
    assert len({example.key for example in examples}) == count
    assert all(example.path.is_file() and all(example.captions) for example in examples)
    assert {example.is_image for example in examples} == {name == "cc3m"}


@pytest.mark.parametrize(("name", "folder"), [("webvid2m", "WebVid"), ("cc3m", "CC3M")])
def test_captions_belong_to_the_clip_that_was_drawn(world, world_config, name, folder):
    items = LAYOUTS[folder](world_config, cast(world_config)).items
    stories = {item.path: item.story for item in items}
    for example in load_corpus(name, "train", world):
        story = stories[example.path.relative_to(world).as_posix()]
        assert all(actor.noun.name in example.captions[0] for actor in story.actors)


def test_msrvtt_has_all_sentences_in_training_and_one_in_test(world, world_config):
    stories = {i.path: i.story for i in LAYOUTS["MSRVTT"](world_config, cast(world_config)).items}
    examples = {split: load_corpus("msrvtt", split, world) for split in ("train_9k", "test_1ka")}
    assert {len(example.captions) for example in examples["train_9k"]} == {3}
    assert {len(example.captions) for example in examples["test_1ka"]} == {1}
    for example in examples["train_9k"] + examples["test_1ka"]:
        story = stories[example.path.relative_to(world).as_posix()]
        for text in example.captions:
            assert all(actor.noun.name in text for actor in story.actors)


def test_splits_of_msrvtt_share_no_clip(world):
    keys = [
        {example.key for example in load_corpus("msrvtt", split, world)}
        for split in ("train_9k", "val", "test_1ka")
    ]
    assert len(set.union(*keys)) == sum(map(len, keys))


def test_labelled_images_name_what_they_show(world, world_config):
    drawn = LAYOUTS["ImageNet21K"](world_config, cast(world_config)).items
    read = load_labelled_images(world)
    assert [image.labels for image in read] == [
        tuple(actor.noun.name for actor in item.story.actors) for item in drawn
    ]
    assert all(image.path.is_file() for image in read)


def test_wordings_come_in_pairs(world):
    assert len(load_wordings(world)) == 10


def test_the_first_row_of_a_table_without_header_is_read(tmp_path):
    _cc3m(tmp_path, ["first caption\thttp://a", "a \"quoted' caption\thttp://b"])
    examples = load_corpus("cc3m", "train", tmp_path)
    assert [example.captions for example in examples] == [
        ("first caption",),
        ("a \"quoted' caption",),
    ]


def test_umlauts_and_frozens_names_are_read(tmp_path):
    _cc3m(tmp_path, ["ein gr\u00fcner Vogel\thttp://a"], named=lambda row, code: str(code))
    assert load_corpus("cc3m", "train", tmp_path)[0].captions == ("ein gr\u00fcner Vogel",)


def test_images_that_are_not_on_disk_are_counted(tmp_path, caplog):
    _cc3m(tmp_path, ["one\thttp://a", "two\thttp://b", "three\thttp://c"])
    next((tmp_path / "CC3M" / "training").iterdir()).unlink()
    assert len(load_corpus("cc3m", "train", tmp_path)) == 2
    assert "2 of 3 files" in caplog.text


def test_a_test_clip_that_is_not_on_disk_is_an_error(copied):
    lost = load_corpus("msrvtt", "test_1ka", copied)[3].path
    lost.unlink()
    with pytest.raises(ValueError, match=f"lacks 1 of 30 clips, {lost.name}"):
        load_corpus("msrvtt", "test_1ka", copied)


def test_a_test_list_that_lost_a_row_is_another_test_set(copied, caplog):
    table = copied / "MSRVTT/MSRVTT_JSFUSION_test.csv"
    table.write_text(table.read_text().rpartition("\nret")[0] + "\n")
    said = (
        r"msrvtt/test_1ka .* lists have 29 clips, published are 30; .*evaluation\.incomplete=true"
    )
    with pytest.raises(ValueError, match=said):
        load_corpus("msrvtt", "test_1ka", copied)
    assert len(load_corpus("msrvtt", "test_1ka", copied, incomplete=True)) == 29
    assert "msrvtt/test_1ka: 29 of 29 files are in" in caplog.text
    assert "its lists have 29 clips, published are 30" in caplog.text


def test_a_training_list_that_lost_rows_is_logged(copied, caplog):
    table = copied / "MSRVTT/MSRVTT_train.9k.csv"
    table.write_text("".join(table.read_text().splitlines(keepends=True)[:-3]))
    assert len(load_corpus("msrvtt", "train", copied)) == 17
    assert "msrvtt/train: 17 of 17 files" in caplog.text
    assert "its lists have 17 clips, published are 20" in caplog.text


def test_commas_and_quotes_in_a_csv_survive(copied):
    table = copied / "WebVid" / "metadata" / "results_2M_val.csv"
    lines = table.read_text().splitlines()
    first = lines[1].split(",")
    first[4:] = ['"a ""red"" bird, flying"']
    table.write_text("\n".join([lines[0], ",".join(first), *lines[2:]]) + "\n")
    assert load_corpus("webvid2m", "val", copied)[0].captions == ('a "red" bird, flying',)


def test_validation_clips_that_are_trained_on_are_no_validation(copied):
    kit = copied / "MSRVTT"
    names = [example.key for example in load_corpus("msrvtt", "val", copied)]
    with (kit / "MSRVTT_train.9k.csv").open("a") as table:
        table.writelines(f"{name}\n" for name in names)
    with pytest.raises(ValueError, match="no clean split val"):
        load_corpus("msrvtt", "val", copied)


@pytest.mark.parametrize(
    ("name", "split"), [(name, split) for name, about in CORPORA.items() for split in about.splits]
)
def test_a_missing_corpus_is_named_with_what_to_do(tmp_path, name, split):
    with pytest.raises(ValueError, match=r"is missing; set data\.root"):
        read_split(name, split, tmp_path)


def test_the_corpora_that_can_be_named_are_those_that_can_be_read():
    assert set(READERS) == set(CORPORA)


def test_unknown_names_are_answered_with_the_nearest(tmp_path):
    with pytest.raises(ValueError, match="did you mean webvid2m"):
        load_corpus("webvid", "train", tmp_path)
    with pytest.raises(ValueError, match="did you mean test_1ka"):
        load_corpus("msrvtt", "test1ka", tmp_path)


def test_malformed_tables_are_named_with_their_line(tmp_path, copied):
    _cc3m(tmp_path, ["a caption\thttp://a", "no tab"])
    with pytest.raises(ValueError, match="line 2"):
        load_corpus("cc3m", "train", tmp_path)
    (copied / "MSRVTT" / "MSRVTT_train.9k.csv").write_text("video\nvideo1\n")
    with pytest.raises(ValueError, match="no column video_id"):
        load_corpus("msrvtt", "train_9k", copied)
    (copied / "MSRVTT" / "MSRVTT_data.json").write_text("{")
    with pytest.raises(ValueError, match="is not JSON"):
        load_corpus("msrvtt", "val", copied)


def _cc3m(root: Path, rows: list[str], named=lambda row, code: f"{row}_{code}.jpg") -> None:
    folder = root / "CC3M" / "training"
    folder.mkdir(parents=True)
    table = folder.parent / "Train_GCC-training.tsv"
    table.write_text("".join(f"{row}\n" for row in rows), encoding="utf-8")
    for number, row in enumerate(rows):
        if "\t" in row:
            (folder / named(number, zlib.crc32(row.split("\t")[1].encode()))).touch()


def test_a_data_root_that_is_a_file_is_named_with_what_to_do(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(ValueError, match=r"is missing; set data\.root"):
        load_corpus("msrvtt", "test_1ka", tmp_path / "file")
