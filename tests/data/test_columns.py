"""WebVid and CC3M: published tables, other works' tables, tables that a user describes."""

import zlib

import pytest
from handwritten import below, said, touch, write

from unify.data.corpora import load_corpus, read_split

WEBVID = """videoid,contentUrl,duration,page_dir,name
1039938,https://ak.picdn.net/1039938/preview/stock.mp4,PT00H00M13S,022401_022450,City traffic lights
6,https://ak.picdn.net/6.mp4,PT00H00M30S,014501_014550,"Lights, ""blurred"", at night"
7,https://ak.picdn.net/7.mp4,PT00H00M30S,014501_014550,
8,https://ak.picdn.net/8.mp4,PT00H00M30S,014501_014550,A bird
"""


@pytest.fixture
def webvid(tmp_path):
    write(tmp_path, {"WebVid/metadata/results_2M_train.csv": WEBVID})
    touch(
        tmp_path / "WebVid" / "videos",
        ["022401_022450/1039938.mp4", "014501_014550/6.mp4", "014501_014550/7.mp4"],
    )
    return tmp_path


def test_rows_without_caption_or_file_are_left_out_of_webvid(webvid):
    read = read_split("webvid2m", "train", webvid)
    assert said(read.examples) == {
        "1039938": ("City traffic lights",),
        "6": ('Lights, "blurred", at night',),
    }
    assert [clip.key for clip in read.missing] == ["8"]
    assert read.notes == (
        "1 rows of metadata/results_2M_train.csv have no caption and are left out, 7 for one",
    )


def test_a_folder_by_split_is_found_too(webvid):
    videos = webvid / "WebVid" / "videos"
    (videos / "train").mkdir()
    (videos / "014501_014550").rename(videos / "train" / "014501_014550")
    assert below(videos, load_corpus("webvid2m", "train", webvid)) == [
        "022401_022450/1039938.mp4",
        "train/014501_014550/6.mp4",
    ]


def test_captions_are_cut_at_350_characters(tmp_path):
    row = f"1,u,d,page,{'x' * 349}yz\n"
    write(tmp_path, {"WebVid/metadata/results_2M_val.csv": WEBVID.split("\n")[0] + "\n" + row})
    touch(tmp_path, ["WebVid/videos/page/1.mp4"])
    (caption,) = load_corpus("webvid2m", "val", tmp_path)[0].captions
    assert caption == "x" * 349 + "y"


def test_a_byte_order_mark_and_line_ends_of_windows_are_no_part_of_the_table(webvid):
    table = webvid / "WebVid" / "metadata" / "results_2M_train.csv"
    table.write_bytes(b"\xef\xbb\xbf" + WEBVID.replace("\n", "\r\n").encode())
    assert list(said(load_corpus("webvid2m", "train", webvid))) == ["1039938", "6"]


@pytest.mark.parametrize("odd", ["\u2028", "\x0b", "\x1c", "\x85"])
def test_odd_characters_do_not_end_a_row(webvid, odd):
    table = webvid / "WebVid" / "metadata" / "results_2M_train.csv"
    table.write_text(WEBVID.replace("City traffic", f"City{odd}traffic"), encoding="utf-8")
    assert said(load_corpus("webvid2m", "train", webvid))["1039938"] == (
        f"City{odd}traffic lights",
    )


def test_a_header_that_comes_again_in_a_joined_table_is_no_row(webvid):
    table = webvid / "WebVid" / "metadata" / "results_2M_train.csv"
    table.write_text(WEBVID + WEBVID.split("\n")[0] + "\n9,u,d,014501_014550,A cat\n")
    read = read_split("webvid2m", "train", webvid)
    assert [clip.key for clip in (*read.examples, *read.missing)] == ["1039938", "6", "8", "9"]


def test_a_table_that_lost_its_header_says_so(webvid):
    table = webvid / "WebVid" / "metadata" / "results_2M_train.csv"
    table.write_text(WEBVID.split("\n", 1)[1])
    with pytest.raises(ValueError, match=r"no column name; its first line is '1039938,https"):
        load_corpus("webvid2m", "train", webvid)


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ('9,u,d,014501_014550,"A cat', "line 6 is not CSV"),
        ("9,u,d,014501", "line 6 has 4 columns, not 5"),
        ("9,u,d,014501_014550,A cat, a dog", "line 6 has 6 columns, not 5"),
    ],
)
def test_a_damaged_row_is_named_with_its_line(webvid, row, problem):
    table = webvid / "WebVid" / "metadata" / "results_2M_train.csv"
    table.write_text(WEBVID + row)
    with pytest.raises(ValueError, match=problem):
        load_corpus("webvid2m", "train", webvid)


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16"])
def test_another_encoding_is_named_with_its_line(webvid, encoding):
    table = webvid / "WebVid" / "metadata" / "results_2M_train.csv"
    table.write_bytes(WEBVID.replace("A bird", "Ein Vog\u00e4l").encode(encoding))
    line = {"latin-1": 5, "utf-16": 1}[encoding]
    with pytest.raises(ValueError, match=rf"results_2M_train\.csv: line {line} is not UTF-8"):
        load_corpus("webvid2m", "train", webvid)


def test_tables_of_captions_and_paths_lose_no_first_row(tmp_path):
    table = 'City traffic lights. "blurred view\t022401_022450/1039938\nA bird\t014501_014550/6\n'
    write(tmp_path, {"WebVid/metadata/webvid_training_success_full.tsv": table})
    touch(tmp_path / "WebVid/videos", ["022401_022450/1039938.mp4", "014501_014550/6.mp4"])
    assert said(load_corpus("webvid2m", "train", tmp_path)) == {
        "022401_022450/1039938": ('City traffic lights. "blurred view',),
        "014501_014550/6": ("A bird",),
    }


def test_a_user_describes_other_columns(tmp_path):
    write(
        tmp_path,
        {
            "WebVid/columns.toml": """
                [train]
                table = "mine.csv"
                caption = "text"
                clips = ["clips/{page}/{id}.webm", "more/{id}.webm"]
                key = "{id}"
                [val]
                table = "mine.tsv"
                columns = ["file", "text"]
                caption = "text"
                clips = ["clips/{file}"]
            """,
            "WebVid/mine.csv": 'text,id,page\n"red, blue",a,p\ngreen,b,q\n',
            "WebVid/mine.tsv": "p/a.webm\tred\np/c.webm\tgone\n",
        },
    )
    touch(tmp_path / "WebVid", ["clips/p/a.webm", "more/b.webm"])
    train = load_corpus("webvid2m", "train", tmp_path)
    assert said(train) == {"a": ("red, blue",), "b": ("green",)}
    assert below(tmp_path / "WebVid", train) == ["clips/p/a.webm", "more/b.webm"]
    assert said(load_corpus("webvid2m", "val", tmp_path)) == {"0": ("red",)}


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("[train]\ntabel = 'a.csv'", "give table and clips, or shards"),
        ("[train]\ntable = 'a.csv'\nclip = ['a']", "unknown setting 'clip'; did you mean clips"),
        ("[train]\ntable = 'a.csv'", "give clips, such as"),
        ("[train]\ntable = 3\nclips = ['a']", "table=3: "),
        ("[train]\ntable = 'a.csv'\nclips = 'a'", "clips='a': "),
        ("[train]\ntable = 'a.csv'\nclips = ['{a']", "clips or key: "),
        (
            "[train]\ntable = 'a.csv'\ncolumns = ['caption', 'path']\nclips = ['{paht}']",
            "unknown column 'paht'; did you mean path",
        ),
        ("[train]\nshards = '*.tar'\nclips = ['a']", "unknown setting 'clips'"),
        ("train = 3", "give table and clips, or shards"),
        ("[trian]\ntable = 'a.csv'", "unknown split 'trian'; did you mean train"),
        ("[train", "is not TOML"),
    ],
)
def test_a_description_that_cannot_be_followed_is_named(tmp_path, content, problem):
    write(tmp_path, {"WebVid/columns.toml": content})
    with pytest.raises(ValueError, match=rf"columns\.toml.*{problem}") as told:
        load_corpus("webvid2m", "train", tmp_path)
    assert "\n" not in str(told.value)


def test_what_is_no_image_is_not_taken_for_one(tmp_path):
    code = zlib.crc32(b"http://a")
    write(tmp_path, {"CC3M/Train_GCC-training.tsv": "a caption\thttp://a\n"})
    touch(tmp_path / "CC3M/training", [f"0_{code}.{kind}" for kind in ("json", "mp4", "tar")])
    assert not read_split("cc3m", "train", tmp_path).examples
    touch(tmp_path / "CC3M/training", [f"0_{code}.webp"])
    assert below(tmp_path / "CC3M", read_split("cc3m", "train", tmp_path).examples) == [
        f"training/0_{code}.webp"
    ]


@pytest.mark.parametrize("extension", [".jpg", ".png", ""])
def test_images_are_found_under_the_names_of_either_downloader(tmp_path, extension):
    urls = ["http://a/one.jpg", "http://b/two", "http://c/three.gif"]
    codes = [zlib.crc32(url.encode()) for url in urls]
    table = "".join(f"caption {k}\t{url}\n" for k, url in enumerate(urls))
    write(tmp_path, {"CC3M/Train_GCC-training.tsv": table})
    touch(tmp_path / "CC3M/training", [f"0_{codes[0]}{extension}", f"{codes[2]}{extension}"])
    read = read_split("cc3m", "train", tmp_path)
    assert said(read.examples) == {f"0_{codes[0]}": ("caption 0",), f"2_{codes[2]}": ("caption 2",)}
    assert [clip.key for clip in read.missing] == [f"1_{codes[1]}"]
    assert all(example.is_image for example in read.examples)
