"""`data.py check`: a table, what is wrong, a verdict in the last line, and an exit code."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from experiments.data import main
from unify.data.miniature.media import encode_clip

ROOT = Path(__file__).resolve().parents[2]
QUERIES = 1000


@pytest.fixture
def root(tmp_path, monkeypatch):
    """MSR-VTT's 1k-A test split alone, of the published size."""
    monkeypatch.chdir(tmp_path)
    kit = tmp_path / "data" / "MSRVTT"
    clips = kit / "videos" / "all"
    clips.mkdir(parents=True)
    rows = ["key,vid_key,video_id,sentence"]
    for k in range(QUERIES):
        rows.append(f"ret{k},msr{7010 + k},video{7010 + k},a person does thing number {k}")
        (clips / f"video{7010 + k}.mp4").write_bytes(b"no clip")
    (kit / "MSRVTT_JSFUSION_test.csv").write_text("\n".join(rows) + "\n")
    return tmp_path / "data"


def check(capsys, *options: str) -> tuple[int, list[str]]:
    code = main(["check", *options])
    return code, capsys.readouterr().out.splitlines()


def test_a_whole_split_is_green(root, capsys):
    code, lines = check(capsys, "msrvtt", "--root", str(root), "--split", "test_1ka")
    assert code == 0
    assert lines[-1] == "msrvtt: whole: test_1ka"
    assert lines[1].split() == ["test_1ka", *["1000"] * 5, "whole"]


def test_a_corpus_that_lacks_a_split_of_the_paper_is_red(root, capsys):
    code, lines = check(capsys, "msrvtt", "--root", str(root))
    assert code == 1
    assert lines[-1].startswith("msrvtt: NOT whole: train_9k: ")
    assert "MSRVTT_data.json is missing" in lines[-1]
    assert [line.split()[-2:] for line in lines if line.startswith("train_1kb ")] == [
        ["not", "here"]
    ]


def test_clips_that_were_deleted_are_listed_in_a_file(root, capsys):
    lost = [root / "MSRVTT/videos/all" / f"video{7010 + k}.mp4" for k in (3, 500)]
    lost[0].unlink()
    lost[1].write_bytes(b"")
    code, lines = check(capsys, "msrvtt", "--root", str(root), "--split", "test_1ka")
    assert code == 1
    assert lines[-1] == (
        "msrvtt: NOT whole: test_1ka: 1 of 1000 clips are missing (and 1 more); "
        "unusable clips are listed in msrvtt-lost.tsv"
    )
    assert Path("msrvtt-lost.tsv").read_text() == (
        f"test_1ka\tmissing\t{lost[0]}\ntest_1ka\tempty\t{lost[1]}\n"
    )


def test_a_list_of_lost_clips_goes_once_there_are_none(root, capsys):
    options = ("msrvtt", "--root", str(root), "--split", "test_1ka")
    lost = root / "MSRVTT/videos/all/video7013.mp4"
    for given in ((), ("--lost", "mine.tsv")):
        path = Path(given[1] if given else "msrvtt-lost.tsv")
        lost.unlink()
        assert check(capsys, *options, *given)[0] == 1
        assert path.is_file()
        lost.write_bytes(b"no clip")
        assert check(capsys, *options, *given)[0] == 0
        assert not path.exists()


@pytest.mark.parametrize("content", [b"", b"my notes\n", b"a\tb\tc\n", b"\xff\t"])
def test_a_file_that_is_no_such_list_stays(root, capsys, content):
    path = Path("msrvtt-lost.tsv")
    path.write_bytes(content)
    assert check(capsys, "msrvtt", "--root", str(root), "--split", "test_1ka")[0] == 0
    assert path.read_bytes() == content


def test_clips_are_decoded_where_that_is_asked_for(root, capsys):
    options = ("msrvtt", "--root", str(root), "--split", "test_1ka", "--lost", "mine/bad.tsv")
    code, lines = check(capsys, *options, "--decode", "2")
    assert code == 1
    assert "2 clips cannot be decoded, video7010.mp4 for one" in lines[-1]
    assert len(Path("mine/bad.tsv").read_text().splitlines()) == 2


def test_every_clip_is_decoded_and_the_damaged_ones_are_listed_in_order(root, capsys):
    whole = encode_clip(np.random.default_rng().integers(0, 256, (8, 32, 32, 3), np.uint8), 25, 30)
    clips = sorted((root / "MSRVTT/videos/all").iterdir())
    for path in clips:
        path.write_bytes(whole)
    bad = [clips[k] for k in (3, 500, 999)]
    for path in bad:
        path.write_bytes(whole[:-50])
    options = ("msrvtt", "--root", str(root), "--split", "test_1ka", "--decode", "all")
    code, lines = check(capsys, *options)
    assert code == 1
    assert "test_1ka: 997 of 1000 clips that were tried decode" in lines
    assert f"3 clips cannot be decoded, {bad[0].name} for one: the file is cut short" in lines[-1]
    listed = [line.split("\t") for line in Path("msrvtt-lost.tsv").read_text().splitlines()]
    assert [Path(place) for _, _, place in listed] == bad


def test_a_swapped_header_is_red_with_its_reason(root, capsys):
    table = root / "MSRVTT" / "MSRVTT_JSFUSION_test.csv"
    table.write_text(table.read_text().replace("vid_key,video_id", "video_id,vid_key"))
    code, lines = check(capsys, "msrvtt", "--root", str(root), "--split", "test_1ka")
    assert code == 1
    assert "none of its 1000 clips is there" in lines[-1]
    assert "msr7010.mp4" in lines[-1]
    assert "does the header name the columns in their order?" in lines[-1]


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ((), "COMMAND"),
        (("chek",), "did you mean check?"),
        (("check",), "CORPUS"),
        (("check", "msrvt", "--root", "data"), "did you mean msrvtt?"),
        (("check", "msrvtt"), "--root"),
        (("check", "msrvtt", "--root", "data", "--split", "test_1kA"), "did you mean test_1ka?"),
        (("check", "msrvtt", "--root", "data", "--decode", "some"), "or `all`"),
        (("check", "msrvtt", "--root", "data", "--decod", "1"), "did you mean --decode?"),
        (("check", "didemo", "--root", "data"), "DiDeMo is missing: didemo is expected there as"),
        (("check", "msrvtt", "--root", "nowhere"), "MSRVTT is missing"),
    ],
)
def test_what_cannot_be_checked_is_told_in_one_line(root, capsys, options, problem):
    try:
        code = main(list(options))
    except SystemExit as left:
        code = left.code
    assert code == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert problem in line


def test_a_folder_without_any_list_has_nothing_to_check(root, capsys):
    (root / "UCF101").mkdir()
    assert main(["check", "ucf101", "--root", str(root)]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "classInd.txt is missing" in line


def test_it_runs_as_a_script(root):
    script = ROOT / "experiments" / "data.py"
    command = [sys.executable, script, "check", "msrvtt", "--root", root, "--split", "test_1ka"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("msrvtt: whole: test_1ka\n")
