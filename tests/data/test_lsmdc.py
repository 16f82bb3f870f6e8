"""LSMDC: tables without header, captions that share a clip, folders by movie."""

import pytest
from handwritten import below, coverage_of, few, said, touch, write

from unify.data.corpora.lsmdc import movie_of

BEAUTY = "0001_American_Beauty_00.00.51.926-00.00.54.129"
PIANIST = "0017_Pianist_00.23.28.872-00.23.34.843"
SPARKLE = "3064_SPARKLE_2012_01.41.07.000-01.41.11.793"


def row(clip: str, sentence: str) -> str:
    return f"{clip}\t00:00:51.926\t00:00:54.129\t00:00:51.426\t00:00:54.629\t{sentence}\n"


@pytest.fixture
def root(tmp_path):
    write(
        tmp_path / "LSMDC",
        {
            "LSMDC16_annos_training.csv": row(BEAUTY, 'SOMEONE says "no" and leaves.')
            + row(PIANIST, "He plays.")
            + row(BEAUTY, "SOMEONE lies in bed.")
            + row(SPARKLE, 'A 6" blade'),
            "LSMDC16_annos_val.csv": row(PIANIST, "He plays, again."),
            "LSMDC16_challenge_1000_publictect.csv": row(SPARKLE, "They sing."),
        },
    )
    clips = {"0001_American_Beauty": BEAUTY, "0017_Pianist": PIANIST, "3064_SPARKLE_2012": SPARKLE}
    touch(tmp_path / "LSMDC", [f"videos/{movie}/{clip}.avi" for movie, clip in clips.items()])
    return tmp_path


def test_the_first_row_is_read_and_a_repeated_clip_has_both_captions(root):
    assert said(few("lsmdc", "train", root)) == {
        BEAUTY: ('SOMEONE says "no" and leaves.', "SOMEONE lies in bed."),
        PIANIST: ("He plays.",),
        SPARKLE: ('A 6" blade',),
    }


def test_the_misspelt_test_table_is_read_and_the_rightly_spelt_one_too(root):
    assert said(few("lsmdc", "test", root)) == {SPARKLE: ("They sing.",)}
    published = root / "LSMDC" / "LSMDC16_challenge_1000_publictect.csv"
    published.rename(published.with_name("LSMDC16_challenge_1000_publictest.csv"))
    assert said(few("lsmdc", "test", root)) == {SPARKLE: ("They sing.",)}


@pytest.mark.parametrize(
    ("clip", "movie"),
    [
        (BEAUTY, "0001_American_Beauty"),
        (PIANIST, "0017_Pianist"),
        (SPARKLE, "3064_SPARKLE_2012"),
        ("1005_Signs", ""),
    ],
)
def test_the_movie_is_what_stands_before_the_time(clip, movie):
    assert movie_of(clip) == movie


def test_clips_lie_in_the_folder_of_their_movie(root):
    assert below(root / "LSMDC", few("lsmdc", "test", root)) == [
        f"videos/3064_SPARKLE_2012/{SPARKLE}.avi"
    ]


def test_folders_without_videos_above_and_flat_folders_are_found_too(root):
    kit = root / "LSMDC"
    (kit / "videos" / "0017_Pianist").rename(kit / "0017_Pianist")
    (kit / "videos" / "0001_American_Beauty" / f"{BEAUTY}.avi").rename(
        kit / "videos" / f"{BEAUTY}.mp4"
    )
    assert below(kit, few("lsmdc", "train", root)) == [
        f"videos/{BEAUTY}.mp4",
        f"0017_Pianist/{PIANIST}.avi",
        f"videos/3064_SPARKLE_2012/{SPARKLE}.avi",
    ]


def test_the_size_of_the_training_table_is_told_in_captions(root):
    found = coverage_of("lsmdc", "train", root)
    assert (found.listed, found.listed_captions, found.expected_captions) == (3, 4, 101_079)


def test_a_header_that_was_added_is_passed_over(root):
    table = root / "LSMDC" / "LSMDC16_annos_val.csv"
    header = "clip_id\tstart_aligned\tend_aligned\tstart_extracted\tend_extracted\tsentence\n"
    table.write_text(header + table.read_text())
    assert list(said(few("lsmdc", "val", root))) == [PIANIST]


def test_a_line_with_other_columns_is_named(root):
    table = root / "LSMDC" / "LSMDC16_annos_val.csv"
    table.write_text(table.read_text() + f"{BEAUTY}\t00:00:51.926\n")
    with pytest.raises(ValueError, match=r"val\.csv: line 2 has 2 columns, not 6"):
        few("lsmdc", "val", root)
    table.write_text(row("no id", "A sentence."))
    with pytest.raises(ValueError, match="'no id' is no clip id"):
        few("lsmdc", "val", root)
