"""What is drawn for each corpus, and the metadata files that its real counterpart comes with.

Each function plans one corpus: nothing is drawn or written here. Formats: UNIFY's sources name
them in the docstrings; `unify/data/corpora` reads them back.
"""

import csv
import io
import json
import random
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import islice

from unify.config.world import WorldConfig
from unify.data.miniature.captions import caption
from unify.data.miniature.story import (
    Cast,
    Story,
    image_story,
    labelled_story,
    train_story,
    unseen_stories,
)

WEBVID_PAGE = 50
"""Clips per page folder of WebVid."""


@dataclass(frozen=True)
class Item:
    """A clip or image to draw. `path` is relative to the world's root and tells which it is."""

    path: str
    story: Story
    seed: int
    style: str = "fluent"


@dataclass(frozen=True)
class Layout:
    """A corpus: what to draw, and the text of each metadata file by relative path."""

    items: list[Item]
    files: dict[str, str]


def cc3m(config: WorldConfig, cast: Cast) -> Layout:
    """Header-less TSVs of caption and url; images named as DownloadConceptualCaptions does."""
    counts = {"training": config.cc3m_images, "validation": config.cc3m_val_images}
    names = {
        "training": "Train_GCC-training.tsv",
        "validation": "Validation_GCC-1.1.0-Validation.tsv",
    }
    items, files = [], {}
    for split, count in counts.items():
        rows = []
        for index in range(count):
            rng = _rng(config, "cc3m", split, index)
            url = f"https://example.org/miniature/{split}/{index}.jpg"
            name = f"{index}_{zlib.crc32(url.encode())}.jpg"
            story = image_story(rng, cast)
            rows.append((caption(rng, story, config.background_share), url))
            items.append(Item(f"CC3M/{split}/{name}", story, rng.getrandbits(63)))
        files[f"CC3M/{names[split]}"] = "".join(f"{text}\t{url}\n" for text, url in rows)
    return Layout(items, files)


def webvid(config: WorldConfig, cast: Cast) -> Layout:
    """`results_2M_*.csv` with the columns of WebVid; clips in one folder per page."""
    header = ("videoid", "contentUrl", "duration", "page_dir", "name")
    items, files = [], {}
    counts = {"train": config.webvid_clips, "val": config.webvid_val_clips}
    first = 1_000_000
    for split, count in counts.items():
        rows = []
        for index in range(count):
            rng = _rng(config, "webvid", split, index)
            video = first + index
            page = video // WEBVID_PAGE * WEBVID_PAGE
            folder = f"{page:06d}_{page + WEBVID_PAGE - 1:06d}"
            story = train_story(rng, cast, config.two_motions_share)
            text = caption(rng, story, config.background_share)
            url = f"https://example.org/miniature/{video}.mp4"
            rows.append((video, url, "PT00H00M02S", folder, text))
            path = f"WebVid/videos/{folder}/{video}.mp4"
            items.append(Item(path, story, rng.getrandbits(63)))
        files[f"WebVid/metadata/results_2M_{split}.csv"] = _csv(header, rows)
        first += (count // WEBVID_PAGE + 1) * WEBVID_PAGE
    return Layout(items, files)


def msrvtt(config: WorldConfig, cast: Cast) -> Layout:
    """The CLIP4Clip kit: one JSON of all videos and sentences, and the lists of train and test."""
    plan = [
        *_msrvtt_items(config, cast, "train", config.msrvtt_train_clips, first=0),
        *_msrvtt_items(
            config, cast, "validate", config.msrvtt_val_clips, first=config.msrvtt_train_clips
        ),
        *_msrvtt_tests(config, cast),
    ]
    train = [(clip.name,) for clip in plan if clip.split == "train"]
    return Layout(
        [Item(f"MSRVTT/videos/all/{clip.name}.mp4", clip.story, clip.seed) for clip in plan],
        {
            "MSRVTT/MSRVTT_data.json": _msrvtt_json(plan),
            "MSRVTT/MSRVTT_train.9k.csv": _csv(("video_id",), train),
            "MSRVTT/MSRVTT_JSFUSION_test.csv": _jsfusion(plan),
        },
    )


def msrvtt_unseen_style(config: WorldConfig, cast: Cast) -> Layout:
    """The first test clips of MSR-VTT, scene by scene the same, drawn by another hand."""
    folder = "MSRVTT-unseen-style"
    plan = _msrvtt_tests(config, cast)[: config.unseen_style_clips]
    items = [
        Item(f"{folder}/videos/all/{clip.name}.mp4", clip.story, clip.seed, "noto") for clip in plan
    ]
    data = {
        f"{folder}/MSRVTT_data.json": _msrvtt_json(plan),
        f"{folder}/MSRVTT_JSFUSION_test.csv": _jsfusion(plan),
    }
    return Layout(items, data if plan else {})


def imagenet21k(config: WorldConfig, cast: Cast) -> Layout:
    """`labels.csv` (image, labels joined by "|") and a folder of images: no public layout."""
    items, rows = [], []
    for index in range(config.labelled_images):
        rng = _rng(config, "imagenet21k", "train", index)
        story = labelled_story(rng, cast)
        name = f"{index:06d}.jpg"
        rows.append((name, "|".join(actor.noun.name for actor in story.actors)))
        items.append(Item(f"ImageNet21K/images/{name}", story, rng.getrandbits(63)))
    return Layout(items, {"ImageNet21K/labels.csv": _csv(("image", "labels"), rows)})


def books(config: WorldConfig, cast: Cast) -> Layout:
    """`wordings.tsv`: two wordings of one story a row, text only: no public layout."""
    lines = []
    for index in range(config.wordings):
        rng = _rng(config, "books", "train", index)
        story = train_story(rng, cast, config.two_motions_share)
        texts = [caption(rng, story, config.background_share) for _ in range(2)]
        lines.append("\t".join(texts) + "\n")
    return Layout([], {"Books/wordings.tsv": "".join(lines)})


LAYOUTS: dict[str, Callable[[WorldConfig, Cast], Layout]] = {
    "CC3M": cc3m,
    "WebVid": webvid,
    "MSRVTT": msrvtt,
    "MSRVTT-unseen-style": msrvtt_unseen_style,
    "ImageNet21K": imagenet21k,
    "Books": books,
}
"""The planner of each top folder of a world."""


@dataclass(frozen=True)
class _Clip:
    """A clip of MSR-VTT with all its sentences."""

    name: str
    split: str
    story: Story
    sentences: tuple[str, ...]
    seed: int


def _msrvtt_items(
    config: WorldConfig, cast: Cast, split: str, count: int, first: int
) -> list[_Clip]:
    rngs = [_rng(config, "msrvtt", split, index) for index in range(count)]
    stories = [train_story(rng, cast, config.two_motions_share) for rng in rngs]
    return _clips(config, split, rngs, stories, first)


def _msrvtt_tests(config: WorldConfig, cast: Cast) -> list[_Clip]:
    count = config.msrvtt_test_clips
    teller = _rng(config, "msrvtt", "test", "stories")
    stories = list(islice(unseen_stories(teller, cast, config.two_motions_share), count))
    rngs = [_rng(config, "msrvtt", "test", index) for index in range(count)]
    first = config.msrvtt_train_clips + config.msrvtt_val_clips
    return _clips(config, "test", rngs, stories, first)


def _clips(
    config: WorldConfig, split: str, rngs: list[random.Random], stories: list[Story], first: int
) -> list[_Clip]:
    clips = []
    for index, (rng, story) in enumerate(zip(rngs, stories, strict=True)):
        seed = rng.getrandbits(63)
        sentences = tuple(
            caption(rng, story, config.background_share) for _ in range(config.captions_per_clip)
        )
        clips.append(_Clip(f"video{first + index}", split, story, sentences, seed))
    return clips


def _msrvtt_json(plan: list[_Clip]) -> str:
    videos = [
        {
            "category": 0,
            "url": f"https://example.org/miniature/{clip.name}.mp4",
            "video_id": clip.name,
            "start time": 0.0,
            "end time": 2.0,
            "split": clip.split,
            "id": index,
        }
        for index, clip in enumerate(plan)
    ]
    spoken = [(clip.name, text) for clip in plan for text in clip.sentences]
    sentences = [
        {"caption": text, "video_id": name, "sen_id": index}
        for index, (name, text) in enumerate(spoken)
    ]
    return json.dumps({"videos": videos, "sentences": sentences})


def _jsfusion(plan: list[_Clip]) -> str:
    rows = [
        (f"ret{index}", clip.name.replace("video", "msr"), clip.name, clip.sentences[0])
        for index, clip in enumerate(clip for clip in plan if clip.split == "test")
    ]
    return _csv(("key", "vid_key", "video_id", "sentence"), rows)


def _csv(header: tuple[str, ...], rows: Iterable[tuple]) -> str:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return buffer.getvalue()


def _rng(config: WorldConfig, corpus: str, split: str, index: int | str) -> random.Random:
    """A clip's own generator, so that no clip depends on how many others there are."""
    return random.Random(f"{config.seed}:{corpus}:{split}:{index}")
