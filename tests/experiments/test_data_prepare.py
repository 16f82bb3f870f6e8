"""`data.py prepare` as a user runs it: whole, stopped, killed, shared, without room."""

import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import av
import numpy as np
import pytest

from experiments.data import main
from unify.config.world import WorldConfig
from unify.data.corpora import read_split
from unify.data.decoding import read_example
from unify.data.miniature import ensure_world
from unify.data.miniature.media import encode_clip
from unify.data.storage import storage_form

ROOT = Path(__file__).resolve().parents[2]
CLIPS = 8
WORLD = {
    "nouns": 8,
    "cc3m_images": 12,
    "cc3m_val_images": 4,
    "webvid_clips": 12,
    "webvid_val_clips": 4,
    "msrvtt_train_clips": 8,
    "msrvtt_val_clips": 4,
    "msrvtt_test_clips": 8,
    "captions_per_clip": 2,
    "unseen_style_clips": 4,
    "labelled_images": 4,
    "wordings": 4,
}
TIMEOUT = 120
"""Seconds for anything that must happen at all."""


def clip(height: int, width: int, frames: int) -> bytes:
    """A clip of noise."""
    noise = np.random.default_rng().integers(0, 256, (8, height, width, 3), np.uint8)
    return encode_clip(np.tile(noise, (frames // 8, 1, 1, 1)), 25, 30)


SMALL = clip(128, 160, 16)


def corpus_of(root: Path, content: bytes) -> Path:
    """MSR-VTT's 1k-A test split, a few clips of it."""
    kit = root / "MSRVTT"
    (kit / "videos/all").mkdir(parents=True)
    rows = ["key,vid_key,video_id,sentence"]
    for k in range(CLIPS):
        rows.append(f"ret{k},msr{k},video{k},a person does thing number {k}")
        (kit / f"videos/all/video{k}.mp4").write_bytes(content)
    (kit / "MSRVTT_JSFUSION_test.csv").write_text("\n".join(rows) + "\n")
    return root


@pytest.fixture
def root(tmp_path) -> Path:
    return corpus_of(tmp_path / "data", SMALL)


@pytest.fixture
def slow_root(tmp_path) -> Path:
    """Clips that take a while."""
    return corpus_of(tmp_path / "data", clip(360, 480, 96))


def command(root: Path, out: Path, *options: str, corpus: str = "msrvtt") -> list[str]:
    script = str(ROOT / "experiments" / "data.py")
    folders = ["--root", str(root), "--out", str(out)]
    return [sys.executable, script, "prepare", corpus, *folders, *options]


def prepare(root: Path, out: Path, *options: str, **settings) -> subprocess.CompletedProcess:
    return subprocess.run(
        command(root, out, *options), capture_output=True, text=True, timeout=TIMEOUT, **settings
    )


def started(root: Path, out: Path, *options: str) -> subprocess.Popen:
    """The command, in a process group of its own as a shell gives it, with some clips done."""
    process = subprocess.Popen(
        command(root, out, "--workers", "1", *options),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    wait_until(lambda: len(made(out)) >= 2)
    return process


def made(out: Path) -> dict[str, int]:
    """Clips that count, with the time of their making."""
    folder = out / "MSRVTT/videos/all"
    found = [path for path in folder.glob("*") if not path.name.startswith(".")]
    return {path.name: path.stat().st_ino for path in found}


def wait_until(true) -> None:
    end = time.monotonic() + TIMEOUT
    while not true():
        assert time.monotonic() < end
        time.sleep(0.005)


def group_is_empty(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return True
    return False


def all_decode(out: Path) -> bool:
    split = read_split("msrvtt", "test_1ka", out)
    return all(len(read_example(clip, lambda n: [0, n - 1])) == 2 for clip in split.examples)


def checked(capsys, corpus: str, root: Path) -> list[str]:
    """What `check` says, less where."""
    assert main(["check", corpus, "--root", str(root), "--decode", "all"]) == 0
    return [line.replace(str(root), "") for line in capsys.readouterr().out.splitlines()]


@pytest.mark.slow
@pytest.mark.parametrize("corpus", ["msrvtt", "webvid2m", "cc3m"])
@pytest.mark.parametrize("options", [(), ("--frames",)])
def test_the_copy_is_the_same_to_a_check(tmp_path, capsys, corpus, options):
    root = ensure_world(WorldConfig(seed=time.time_ns() % 2**31, **WORLD), tmp_path / "world")
    out = tmp_path / "out"
    done = subprocess.run(
        command(root, out, *options, corpus=corpus), capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1].startswith(f"{corpus}: prepared: ")
    assert checked(capsys, corpus, out) == checked(capsys, corpus, root)


def test_a_second_run_keeps_everything_and_changed_originals_are_made_again(root, tmp_path):
    out = tmp_path / "out"
    assert prepare(root, out).returncode == 0
    before = made(out)
    assert len(before) == CLIPS
    again = prepare(root, out)
    assert again.returncode == 0
    assert again.stdout.splitlines()[0] == f"{CLIPS} of {CLIPS} clips are there and kept"
    assert made(out) == before
    later = time.time() + 10
    os.utime(root / "MSRVTT/videos/all/video3.mp4", (later, later))
    (out / "MSRVTT/videos/all/video5.mp4").unlink()
    assert prepare(root, out).returncode == 0
    after = made(out)
    assert {name for name in before if before[name] != after[name]} >= {"video3.mp4"}
    assert {n for n in before if before[n] == after[n]} >= before.keys() - {
        "video3.mp4",
        "video5.mp4",
    }


@pytest.mark.slow
@pytest.mark.parametrize("options", [(), ("--frames",)], ids=["mp4", "frames"])
def test_a_killed_run_leaves_no_half_file_and_no_process_and_is_continued(
    slow_root, tmp_path, options
):
    out = tmp_path / "out"
    process = started(slow_root, out, *options)
    process.kill()
    process.wait()
    wait_until(lambda: group_is_empty(process.pid))
    kept = made(out)
    assert 2 <= len(kept) < CLIPS
    assert all_decode(out)
    assert prepare(slow_root, out, *options).returncode == 0
    assert [path.name for path in out.rglob(".*")] == [".prepared.json"]
    whole = made(out)
    assert len(whole) == CLIPS
    assert {name: whole[name] for name in kept} == kept
    assert all_decode(out)


def test_an_interrupted_run_ends_at_once_and_says_how_to_continue(slow_root, tmp_path):
    out = tmp_path / "out"
    process = started(slow_root, out)
    os.killpg(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=TIMEOUT)
    assert process.returncode == 130
    assert said == "data.py prepare: interrupted; run the same command again to continue\n"
    wait_until(lambda: group_is_empty(process.pid))
    assert len(made(out)) < CLIPS
    assert prepare(slow_root, out).returncode == 0
    assert len(made(out)) == CLIPS


def test_clips_that_cannot_be_decoded_are_listed_until_they_can(root, tmp_path):
    out, clips = tmp_path / "out", root / "MSRVTT/videos/all"
    bad = {"video1.mp4": b"", "video4.mp4": b"no clip", "video6.mp4": SMALL[: len(SMALL) // 2]}
    for name, content in bad.items():
        (clips / name).write_bytes(content)
    done = prepare(root, out)
    assert (done.returncode, done.stderr) == (1, "")
    listed = out / "msrvtt-failed.tsv"
    assert f"NOT whole: 3 of {CLIPS} clips failed" in done.stdout.splitlines()[-1]
    assert str(listed) in done.stdout.splitlines()[-1]
    rows = [line.split("\t") for line in listed.read_text().splitlines()]
    assert {Path(place).name: bool(why) for why, place in rows} == dict.fromkeys(bad, True)
    assert set(made(out)) == {f"video{k}.mp4" for k in range(CLIPS)} - set(bad)
    for name in bad:
        (clips / name).write_bytes(SMALL)
    assert prepare(root, out).returncode == 0
    assert not listed.exists()
    assert len(made(out)) == CLIPS


def test_shares_are_made_at_once_by_several_commands_and_make_a_whole(root, tmp_path):
    out = tmp_path / "out"
    shares = [
        subprocess.Popen(
            command(root, out, "--shard", f"{k}/3", "--workers", "1"), stdout=subprocess.PIPE
        )
        for k in (1, 2, 3)
    ]
    said = [share.communicate(timeout=TIMEOUT)[0].decode() for share in shares]
    assert [share.returncode for share in shares] == [0, 0, 0]
    assert [int(text.split("prepared: ")[1].split()[0]) for text in said] == [3, 3, 2]
    before = made(out)
    assert len(before) == CLIPS
    whole = prepare(root, out)
    assert (whole.returncode, made(out)) == (0, before)
    assert whole.stdout.splitlines()[-1].startswith(f"msrvtt: prepared: {CLIPS} clips")


def test_other_options_do_not_mix_with_what_is_there(root, tmp_path):
    out = tmp_path / "out"
    assert prepare(root, out, "--side", "64").returncode == 0
    before = made(out)
    for options, named in (
        (("--side", "64", "--gop", "30"), "gop 30"),
        (("--side", "64", "--frames"), "frames, side 64"),
        ((), "side 256"),
    ):
        done = prepare(root, out, *options)
        (line,) = done.stderr.splitlines()
        assert (done.returncode, done.stdout) == (2, "")
        assert "was begun with mp4, side 64, gop 15, crf 20" in line
        assert named in line
    assert made(out) == before
    with av.open(str(out / "MSRVTT/videos/all/video0.mp4")) as container:
        assert container.streams.video[0].codec_context.height == 64


def test_a_full_disk_ends_it_in_one_line_and_can_be_continued(root, tmp_path):
    out = tmp_path / "out"

    def little_room() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (4000, 4000))

    done = prepare(root, out, preexec_fn=little_room)
    (line,) = done.stderr.splitlines()
    assert done.returncode == 2
    assert "cannot be written" in line
    assert "run the same command again to continue" in line
    assert made(out) == {}
    assert not list((out / "MSRVTT/videos/all").glob(".*"))
    assert prepare(root, out).returncode == 0


def test_a_folder_with_other_files_is_left_alone(root, tmp_path):
    mine = tmp_path / "out/MSRVTT/mine.txt"
    mine.parent.mkdir(parents=True)
    mine.write_text("mine")
    done = prepare(root, tmp_path / "out")
    (line,) = done.stderr.splitlines()
    assert done.returncode == 2
    assert "holds files that were not prepared here" in line
    assert [path.name for path in mine.parent.iterdir()] == ["mine.txt"]


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (("msrvtt", "--root", "data"), "--out"),
        (("msrvt", "--root", "data", "--out", "out"), "did you mean msrvtt?"),
        (("msrvtt", "--root", "nowhere", "--out", "out"), "MSRVTT is missing"),
        (("didemo", "--root", "data", "--out", "out"), "DiDeMo is missing"),
        (("msrvtt", "--root", "data", "--out", "data"), "lies in the original's place"),
        (("msrvtt", "--root", "data", "--out", "data/MSRVTT/new"), "lies in the original's place"),
        (("msrvtt", "--root", "data", "--out", "link"), "lies in the original's place"),
        (("msrvtt", "--root", "data", "--out", "file"), "file"),
        (("msrvtt", "--root", "data", "--out", "out", "--crf", "52"), "from 0 to 51"),
        (("msrvtt", "--root", "data", "--out", "out", "--side", "31"), "from 32 on"),
        (("msrvtt", "--root", "data", "--out", "out", "--shard", "4/3"), "no share such as 3/40"),
        (("msrvtt", "--root", "data", "--out", "out", "--fps", "3"), "no effect without --frames"),
        (("msrvtt", "--root", "data", "--out", "out", "--frames", "--crf", "3"), "no effect with"),
        (("msrvtt", "--root", "data", "--out", "out", "--frame"), "did you mean --frames?"),
    ],
)
def test_what_cannot_be_done_is_told_in_one_line(root, capsys, monkeypatch, options, problem):
    monkeypatch.chdir(root.parent)
    Path("link").symlink_to("data")
    Path("file").write_text("no folder")
    before = sorted(root.rglob("*"))
    try:
        code = main(["prepare", *options])
    except SystemExit as left:
        code = left.code
    assert code == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert problem in line
    assert sorted(root.rglob("*")) == before
    assert not Path("out").exists()


def test_a_corpus_whose_clips_are_all_missing_is_told(root, tmp_path, capsys):
    for path in (root / "MSRVTT/videos/all").iterdir():
        path.unlink()
    assert main(["prepare", "msrvtt", "--root", str(root), "--out", str(tmp_path / "out")]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "none of the clips of msrvtt is there" in line
    assert "video0.mp4" in line


def test_the_form_is_kept_beside_the_clips(root, tmp_path):
    for options, form in (
        (("--frames", "--fps", "5"), "frames, side 256, fps 5"),
        (("--side", "64"), "mp4, side 64, gop 15, crf 20"),
    ):
        out = tmp_path / form
        assert prepare(root, out, *options).returncode == 0
        assert storage_form(out / "MSRVTT") == form
    assert storage_form(root / "MSRVTT") is None
