"""Clips that change while a run trains, and corpora with odd rows and clips."""

import csv
import shutil
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np

from reliability.life import STEPS, Life
from reliability.project import RUN
from reliability.registry import fault
from reliability.trial import Trial, at_once

CORPUS = ("--preset", "smoke", "--data-root", "corpora", "--label", "odd", "--set")
CORPUS += ("world=none", "init.text=random", "init.video=random", "model.lexicon.entries=all")
CORPUS += ("data.corpora=webvid2m", "evaluation.incomplete=true", "plan.epochs=3")
CORPUS += ("plan.grounding_epochs=1", "plan.epoch_steps=2", "plan.batch_size=4")
DAMAGED = 16
"""Of 64 clips: more than what a run may leave unread in its last steps."""
CAPTIONS = {
    "an empty caption": "",
    "10,000 words": "word " * 10_000,
    "emoji": "a dog \U0001f415 runs \U0001f3c3\u200d\u2640\ufe0f",
    "right to left": "\u05db\u05dc\u05d1 \u202eruns\u202c \u0643\u0644\u0628",
    "a NUL byte": "a dog\0 runs",
}


@fault(tries=3, quick=1, seconds=20)
def clips_changed(trial: Trial) -> None:
    """While a run trains, a quarter of a corpus's clips are deleted, cut short, or replaced by
    garbage; they are put back before the command is run again."""
    trial.prepare()
    clips = sorted((trial.folder / "data").glob("**/WebVid/videos/**/*.mp4"))
    chosen = {path: path.read_bytes() for path in trial.random.sample(clips, DAMAGED)}
    damage: Callable[[Path], object] = (
        Path.unlink,
        lambda path: path.write_bytes(chosen[path][: len(chosen[path]) // 2]),
        lambda path: path.write_bytes(trial.random.randbytes(len(chosen[path]))),
    )[trial.number % 3]
    life = trial.train()
    life.until_rows(trial.random.randrange(1, STEPS - 12))
    with at_once(life):
        for path in chosen:
            damage(path)
        trial.hit(("deleted", "cut short", "garbage")[trial.number % 3])
    trial.refused(life, ".mp4")
    for path, content in chosen.items():
        path.write_bytes(content)
    trial.ends_right(trial.train(), trial.checkpoint())


@fault(tries=6, seconds=12)
def odd_captions(trial: Trial) -> None:
    """A row of a corpus has an empty caption, one of 10,000 words, emoji, right-to-left text, or a
    NUL byte: it is trained on or left out; or it ends before its caption: the line names it."""
    rows = _corpus(trial, 5)
    kind = [*CAPTIONS, "no caption"][trial.number % 6]
    odd = [*rows[2][:-1], *([CAPTIONS[kind]] if kind in CAPTIONS else [])]
    _list(trial, [*rows[:2], odd, *rows[3:]])
    trial.hit(kind)
    if kind == "no caption":
        trial.refused(_train(trial), "results_2M_train.csv", "line 4")
        _list(trial, rows)
    trial.ends(_train(trial))
    trial.finished("odd")


@fault(tries=3, quick=1, seconds=12)
def odd_clips(trial: Trial) -> None:
    """A clip has 1 frame, 4K, or 0 bytes: it is trained on, or the line names it."""
    rows = _corpus(trial, 5)
    clip = trial.folder / "corpora/WebVid/videos" / rows[2][3] / f"{rows[2][0]}.mp4"
    good = clip.read_bytes()
    kind = ("1 frame", "4K", "0 bytes")[trial.number % 3]
    if kind == "0 bytes":
        clip.write_bytes(b"")
    else:
        film(clip, *((1, 64, 64) if kind == "1 frame" else (12, 2160, 3840)))
    trial.hit(kind)
    if kind == "0 bytes":
        trial.refused(_train(trial), clip.name)
        clip.write_bytes(good)
    trial.ends(_train(trial))
    trial.finished("odd")


@fault(tries=4, quick=1, seconds=12)
def small_corpora(trial: Trial) -> None:
    """A corpus of 0, 1 or 2 items, or one less than the batch: the line says so; with the batch's
    number of them it is trained on."""
    rows = _corpus(trial, 4)
    count = (0, 1, 2, 3)[trial.number % 4]
    _list(trial, rows[:count])
    trial.hit(f"{count} items, batches of 4")
    trial.refused(_train(trial), "webvid2m")
    _list(trial, rows)
    trial.ends(_train(trial))
    trial.finished("odd")


def film(path: Path, frames: int, height: int, width: int) -> None:
    """Write a clip of noise in large squares."""
    rng = np.random.default_rng(frames)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=8, options={"preset": "ultrafast"})
        stream.height, stream.width, stream.pix_fmt = height, width, "yuv420p"
        for _ in range(frames):
            small = rng.integers(0, 255, (height // 16, width // 16, 3), np.uint8)
            picture = np.ascontiguousarray(small.repeat(16, 0).repeat(16, 1))
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            container.mux(stream.encode(frame.reformat(width, height)))
        container.mux(stream.encode())


def _corpus(trial: Trial, count: int) -> list[list[str]]:
    """A WebVid of so many rows, and a test set, both from the miniature world; its rows."""
    (world,) = trial.references.of().glob("data/*/WebVid")
    folder = trial.folder / "corpora"
    shutil.copytree(world.parent / "MSRVTT", folder / "MSRVTT")
    rows = list(csv.reader((world / "metadata/results_2M_train.csv").open()))[1 : count + 1]
    for name, _, _, page, _ in rows:
        (folder / "WebVid/videos" / page).mkdir(parents=True, exist_ok=True)
        shutil.copy(world / "videos" / page / f"{name}.mp4", folder / "WebVid/videos" / page)
    _list(trial, rows)
    return rows


def _list(trial: Trial, rows: list[list[str]]) -> None:
    """Write the corpus's list."""
    table = trial.folder / "corpora/WebVid/metadata/results_2M_train.csv"
    table.parent.mkdir(exist_ok=True)
    with table.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["videoid", "contentUrl", "duration", "page_dir", "name"])
        writer.writerows(rows)


def _train(trial: Trial) -> Life:
    return trial.start(RUN, *CORPUS)
