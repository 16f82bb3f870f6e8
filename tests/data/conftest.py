"""A tiny miniature world, made anew from a random seed for each test session."""

import random
from pathlib import Path

import numpy as np
import pytest
from kinds import installed

from unify.config.world import WorldConfig
from unify.data.miniature import ensure_world

SMALL_WORLD = {
    "nouns": 12,
    "cc3m_images": 40,
    "cc3m_val_images": 8,
    "webvid_clips": 40,
    "webvid_val_clips": 8,
    "msrvtt_train_clips": 20,
    "msrvtt_val_clips": 8,
    "msrvtt_test_clips": 30,
    "captions_per_clip": 3,
    "unseen_style_clips": 8,
    "labelled_images": 12,
    "wordings": 10,
    "didemo_train_videos": 9,
    "didemo_val_videos": 7,
    "didemo_test_videos": 12,
    "lsmdc_train_clips": 11,
    "lsmdc_val_clips": 6,
    "lsmdc_test_clips": 10,
    "msvd_train_clips": 8,
    "msvd_val_clips": 6,
    "msvd_test_clips": 10,
    "msvd_captions": 12,
    "hmdb51_clips_per_class": 4,
    "ucf101_clips_per_class": 4,
}


@pytest.fixture(scope="session")
def seed() -> int:
    """A fresh seed, shown where a test fails."""
    value = random.SystemRandom().randrange(2**31)
    print(f"seed of this session: {value}")
    return value


@pytest.fixture
def rng(seed: int) -> np.random.Generator:
    return np.random.default_rng(seed)


@pytest.fixture(scope="session")
def world_config(seed: int) -> WorldConfig:
    return WorldConfig(seed=seed, **SMALL_WORLD)


@pytest.fixture(scope="session")
def world(world_config: WorldConfig, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The root of the session's world: read it, never change it."""
    return ensure_world(world_config, tmp_path_factory.mktemp("data") / "world", workers=1)


@pytest.fixture(scope="session")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where files of every kind lie once they were made."""
    return tmp_path_factory.mktemp("clips")


@pytest.fixture(params=["decord", "torchcodec", "av"])
def decoder(request: pytest.FixtureRequest) -> str:
    """Each that is installed."""
    if reason := installed(request.param):
        pytest.skip(reason)
    return request.param
