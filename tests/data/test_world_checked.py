"""`data.py check` on the miniature world: green as drawn, red in the right words once damaged."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from experiments.data import main

ROOT = Path(__file__).resolve().parents[2]
EIGHT = ("cc3m", "webvid2m", "msrvtt", "didemo", "lsmdc", "msvd", "hmdb51", "ucf101")


@pytest.fixture
def copied(world: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A world that may be damaged; lists of lost clips go beside it."""
    monkeypatch.chdir(tmp_path)
    return Path(shutil.copytree(world, tmp_path / "world"))


def check(capsys, root: Path, corpus: str, *options: str) -> tuple[int, list[str]]:
    code = main(["check", corpus, "--root", str(root), *options])
    return code, capsys.readouterr().out.splitlines()


LARGE = EIGHT[:3]


@pytest.mark.parametrize(
    "corpus", [*EIGHT[3:], *(pytest.param(name, marks=pytest.mark.slow) for name in LARGE)]
)
def test_every_corpus_is_green_and_all_its_clips_decode(world, tmp_path, corpus):
    command = [sys.executable, ROOT / "experiments" / "data.py", "check", corpus, "--root", world]
    done = subprocess.run(
        [*command, "--decode", "all"], capture_output=True, text=True, cwd=tmp_path
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1].startswith(f"{corpus}: whole: ")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("corpus", "split", "clips"),
    [
        ("didemo", "test", "DiDeMo/videos/*"),
        ("lsmdc", "test", "LSMDC/videos/1001_Miniature/*"),
        ("msvd", "test", "MSVD/YouTubeClips/*"),
        ("hmdb51", "test_2", "HMDB51/videos/*/*"),
        ("ucf101", "test_3", "UCF101/UCF-101/*/*"),
    ],
)
def test_clips_that_were_deleted_are_counted(copied, capsys, corpus, split, clips):
    for path in copied.glob(clips):
        path.unlink()
    code, lines = check(capsys, copied, corpus, "--split", split)
    assert code == 1
    assert lines[-1].startswith(f"{corpus}: NOT whole: {split}: none of its ")
    assert "is that the right folder" in lines[-1]
    assert len(Path(f"{corpus}-lost.tsv").read_text().splitlines()) >= 10


@pytest.mark.parametrize("corpus", ["didemo", "lsmdc", "msvd", "hmdb51", "ucf101"])
def test_one_clip_that_was_deleted_and_one_that_was_cut_are_listed(copied, capsys, corpus):
    split = "test_1" if corpus in ("hmdb51", "ucf101") else "test"
    lost, cut = [Path(p) for p in _paths(copied, corpus, split)[:2]]
    lost.unlink()
    cut.write_bytes(cut.read_bytes()[:200])
    code, lines = check(capsys, copied, corpus, "--split", split, "--decode", "all")
    assert code == 1
    assert "1 of " in lines[-1] and "clips are missing" in lines[-1]
    assert any("1 clips cannot be decoded" in line and cut.name in line for line in lines)
    rows = [row.split("\t") for row in Path(f"{corpus}-lost.tsv").read_text().splitlines()]
    assert [row[2] for row in rows] == [str(lost), str(cut)]


DAMAGES: list[tuple[str, str, str, Callable[[str], str], str]] = [
    ("didemo", "test", "DiDeMo/test_data.json", lambda t: t[:-40], "test_data.json is not JSON"),
    ("didemo", "val", "DiDeMo/val_data.json", lambda t: t.replace('"video"', '"file"'), "no video"),
    ("didemo", "train", "DiDeMo/train_list.txt", lambda t: f"{t}1@N00_1_a.mov\n", "describes no"),
    ("lsmdc", "val", "LSMDC/LSMDC16_annos_val.csv", lambda t: _swapped(t), "is no clip id"),
    ("lsmdc", "train", "LSMDC/LSMDC16_annos_training.csv", lambda t: _cut(t), "columns, not 6"),
    ("msvd", "test", "MSVD/AllVideoDescriptions.txt", lambda t: t[:200], "has no caption for"),
    ("msvd", "val", "MSVD/val_list.txt", lambda t: t + t, "twice"),
    ("ucf101", "test_1", "UCF101/ucfTrainTestlist/classInd.txt", lambda t: _first(t), "is not 1 "),
    (
        "ucf101",
        "test_2",
        "UCF101/ucfTrainTestlist/classInd.txt",
        lambda t: t[: len(t) // 2].rpartition("\n")[0] + "\n",
        "is of no class in classInd.txt",
    ),
    (
        "hmdb51",
        "test_1",
        "HMDB51/testTrainMulti_7030_splits/rises_test_split1.txt",
        lambda t: t.replace(" 2", ""),
        "is not a clip and 0, 1 or 2",
    ),
    (
        "webvid2m",
        "train",
        "WebVid/metadata/results_2M_train.csv",
        lambda t: t.replace("page_dir,name", "name,page_dir", 1),
        "does the header name the columns in their order?",
    ),
    (
        "msrvtt",
        "test_1ka",
        "MSRVTT/MSRVTT_JSFUSION_test.csv",
        lambda t: t.partition("\n")[2],
        "has no column",
    ),
    ("cc3m", "val", "CC3M/Validation_GCC-1.1.0-Validation.tsv", lambda t: _cut(t), "has 1 columns"),
]


@pytest.mark.parametrize(("corpus", "split", "file", "damage", "words"), DAMAGES)
def test_a_damaged_list_is_told(copied, capsys, corpus, split, file, damage, words):
    text = (copied / file).read_text()
    (copied / file).write_text(damage(text))
    assert (copied / file).read_text() != text
    code, lines = check(capsys, copied, corpus, "--split", split)
    assert code == 1, lines
    assert lines[-1].startswith(f"{corpus}: NOT whole: {split}: ")
    assert words in lines[-1]


LISTS = {
    "cc3m": ("train", "CC3M/Train_GCC-training.tsv"),
    "webvid2m": ("train", "WebVid/metadata/results_2M_train.csv"),
    "msrvtt": ("test_1ka", "MSRVTT/MSRVTT_JSFUSION_test.csv"),
    "msrvtt_unseen_style": ("test_1ka", "MSRVTT-unseen-style/MSRVTT_JSFUSION_test.csv"),
    "didemo": ("test", "DiDeMo/test_list.txt"),
    "lsmdc": ("train", "LSMDC/LSMDC16_annos_training.csv"),
    "msvd": ("test", "MSVD/test_list.txt"),
    "hmdb51": ("test_2", "HMDB51/testTrainMulti_7030_splits/rises_test_split2.txt"),
    "ucf101": ("test_3", "UCF101/ucfTrainTestlist/testlist03.txt"),
}
"""A list of each corpus; of two a header comes first."""


@pytest.mark.parametrize("corpus", LISTS)
@pytest.mark.parametrize("what", ["emptied", "cut", "first row lost", "first row twice"])
def test_rows_that_were_lost_or_doubled_are_told(copied, capsys, corpus, what):
    split, file = LISTS[corpus]
    rows = (copied / file).read_text().splitlines(keepends=True)
    head = rows[: file.endswith(("results_2M_train.csv", "JSFUSION_test.csv"))]
    rows = rows[len(head) :]
    if corpus == "hmdb51":  # its other rows are of other splits
        rows = [row for row in rows if row.endswith(" 2 \n")]
    damaged = {
        "emptied": [],
        "cut": rows[: len(rows) // 2],
        "first row lost": rows[1:],
        "first row twice": [rows[0], *rows],
    }
    (copied / file).write_text("".join([*head, *damaged[what]]))
    code, lines = check(capsys, copied, corpus, "--split", split)
    assert code == 1, lines
    assert lines[-1].startswith(f"{corpus}: NOT whole: {split}: ")


def test_of_corpora_whose_urls_die_the_verdict_says_how_much_there_is(copied, capsys):
    lost = sorted((copied / "WebVid/videos").glob("*/*.mp4"))[:10]
    for path in lost:
        path.unlink()
    code, lines = check(capsys, copied, "webvid2m")
    assert code == 0
    assert "; there is 75.0 % of train, 100.0 % of val; " in lines[-1]


def _paths(root: Path, corpus: str, split: str) -> list[Path]:
    from unify.data.corpora import read_split

    return [clip.path for clip in read_split(corpus, split, root).examples]


def _swapped(table: str) -> str:
    """First and last column changed places."""
    rows = [line.split("\t") for line in table.splitlines()]
    return "".join("\t".join([row[-1], *row[1:-1], row[0]]) + "\n" for row in rows)


def _first(text: str) -> str:
    """Without its first line."""
    return text.partition("\n")[2]


def _cut(table: str) -> str:
    """Up to before the last tab."""
    return table.rpartition("\t")[0]
