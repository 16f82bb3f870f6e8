"""MSR-VTT, and its first test clips by another hand."""

import json
import random
from dataclasses import dataclass

from unify.config.world import WorldConfig
from unify.data.miniature.captions import caption
from unify.data.miniature.layouts.layout import Item, Layout, csv_text, tellers
from unify.data.miniature.story import Cast, Story

SIZES = {
    "train": "msrvtt_train_clips",
    "validate": "msrvtt_val_clips",
    "test": "msrvtt_test_clips",
}
"""Field of WorldConfig by split, in the order of the clips' numbers."""


def plan(config: WorldConfig, cast: Cast) -> Layout:
    """The CLIP4Clip kit: one JSON of all videos and sentences, and the lists of train and test."""
    clips = [clip for split in SIZES for clip in _split(config, cast, split)]
    train = [(clip.name,) for clip in clips if clip.split == "train"]
    return Layout(
        [Item(f"MSRVTT/videos/all/{clip.name}.mp4", clip.story, clip.seed) for clip in clips],
        {
            "MSRVTT/MSRVTT_data.json": _json(clips),
            "MSRVTT/MSRVTT_train.9k.csv": csv_text(("video_id",), train),
            "MSRVTT/MSRVTT_JSFUSION_test.csv": _jsfusion(clips),
        },
    )


def plan_unseen_style(config: WorldConfig, cast: Cast) -> Layout:
    """The first test clips of MSR-VTT, scene by scene the same, drawn by another hand."""
    folder = "MSRVTT-unseen-style"
    clips = _split(config, cast, "test")[: config.unseen_style_clips]
    items = [
        Item(f"{folder}/videos/all/{clip.name}.mp4", clip.story, clip.seed, "noto")
        for clip in clips
    ]
    data = {
        f"{folder}/MSRVTT_data.json": _json(clips),
        f"{folder}/MSRVTT_JSFUSION_test.csv": _jsfusion(clips),
    }
    return Layout(items, data if clips else {})


@dataclass(frozen=True)
class _Clip:
    """A clip with all its sentences."""

    name: str
    split: str
    story: Story
    sentences: tuple[str, ...]
    seed: int


def _split(config: WorldConfig, cast: Cast, split: str) -> list[_Clip]:
    told = tellers(config, cast, "msrvtt", split, SIZES[split])
    before = list(SIZES)[: list(SIZES).index(split)]
    first = sum(getattr(config, SIZES[earlier]) for earlier in before)
    return [
        _clip(config, f"video{number}", split, rng, story)
        for number, (rng, story) in enumerate(told, start=first)
    ]


def _clip(config: WorldConfig, name: str, split: str, rng: random.Random, story: Story) -> _Clip:
    seed = rng.getrandbits(63)
    sentences = tuple(
        caption(rng, story, config.background_share) for _ in range(config.captions_per_clip)
    )
    return _Clip(name, split, story, sentences, seed)


def _json(clips: list[_Clip]) -> str:
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
        for index, clip in enumerate(clips)
    ]
    spoken = [(clip.name, text) for clip in clips for text in clip.sentences]
    sentences = [
        {"caption": text, "video_id": name, "sen_id": index}
        for index, (name, text) in enumerate(spoken)
    ]
    return json.dumps({"videos": videos, "sentences": sentences})


def _jsfusion(clips: list[_Clip]) -> str:
    rows = [
        (f"ret{index}", clip.name.replace("video", "msr"), clip.name, clip.sentences[0])
        for index, clip in enumerate(clip for clip in clips if clip.split == "test")
    ]
    return csv_text(("key", "vid_key", "video_id", "sentence"), rows)
