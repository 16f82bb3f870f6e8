"""Which corpora there are: names, splits, layouts and sizes (readers: `unify/data/corpora/`)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from unify.config.errors import ConfigError, unknown

MSRVTT_LAYOUT = (
    "MSRVTT_data.json, MSRVTT_train.9k.csv, MSRVTT_JSFUSION_test.csv, videos/all/<video_id>.mp4"
)


@dataclass(frozen=True, kw_only=True)
class SplitFacts:
    """What is published about a split; None where no size is, or where none is certain."""

    clips: int | None = None
    """Clips or images that its metadata list."""
    captions: int | None = None
    """Captions; in a test split these are the queries."""
    classes: int | None = None
    """Actions, where clips have classes in place of captions."""
    optional: bool = False
    """Whether a copy of the corpus without this split is still whole (another work's protocol)."""
    alias_of: str | None = None
    """The split that this one is another name of."""


@dataclass(frozen=True, kw_only=True)
class CorpusLayout:
    """A corpus below the data root."""

    folder: str
    """Name of its folder in `data.root`."""
    layout: str
    """Files in that folder."""
    splits: Mapping[str, SplitFacts]
    """Splits and their published sizes."""
    task: Literal["retrieval", "actions"] = "retrieval"
    """How it is evaluated: captions that find clips, or class names that name actions."""
    decays: bool = False
    """Whether its urls die, so that every copy lacks a part of what is listed."""

    @property
    def trains(self) -> bool:
        """Whether it has a training split."""
        return "train" in self.splits


TRAIN_9K = SplitFacts(clips=9000)
LISTED = SplitFacts()

CORPORA: dict[str, CorpusLayout] = {
    "cc3m": CorpusLayout(
        folder="CC3M",
        layout="Train_GCC-training.tsv, training/<row>_<crc32(url)>, or shards/train/*.tar",
        splits={
            "train": SplitFacts(clips=3_318_333),
            "val": SplitFacts(clips=15_840, optional=True),
        },
        decays=True,
    ),
    "webvid2m": CorpusLayout(
        folder="WebVid",
        layout=(
            "metadata/results_2M_train.csv, videos/<page_dir>/<videoid>.mp4, or shards/train/*.tar"
        ),
        splits={"train": LISTED, "val": SplitFacts(optional=True)},
        decays=True,
    ),
    "msrvtt": CorpusLayout(
        folder="MSRVTT",
        layout=MSRVTT_LAYOUT,
        splits={
            "train": replace(TRAIN_9K, alias_of="train_9k"),
            "train_9k": TRAIN_9K,
            "train_7k": SplitFacts(clips=7010, optional=True),
            "train_1kb": SplitFacts(clips=6656, optional=True),
            "train_full": SplitFacts(clips=6513, optional=True),
            "val": SplitFacts(clips=0, optional=True),
            "val_full": SplitFacts(clips=497, optional=True),
            "test_1ka": SplitFacts(clips=1000, captions=1000),
            "test_1kb": SplitFacts(clips=1000, captions=1000, optional=True),
            "test_full": SplitFacts(clips=2990, optional=True),
        },
    ),
    "didemo": CorpusLayout(
        folder="DiDeMo",
        layout="{train,val,test}_data.json, {train,val,test}_list.txt, videos/<video>",
        splits={
            "train": SplitFacts(clips=8392, captions=8392),
            "val": SplitFacts(clips=1065, captions=1065),
            "test": SplitFacts(clips=1004, captions=1004),
        },
    ),
    "lsmdc": CorpusLayout(
        folder="LSMDC",
        layout=(
            "LSMDC16_annos_training.csv, LSMDC16_annos_val.csv, "
            "LSMDC16_challenge_1000_publictect.csv, videos/<movie>/<clip_id>.avi"
        ),
        splits={
            "train": SplitFacts(captions=101_079),
            "val": SplitFacts(captions=7408),
            "test": SplitFacts(clips=1000, captions=1000),
        },
    ),
    "msvd": CorpusLayout(
        folder="MSVD",
        layout="{train,val,test}_list.txt, raw-captions.pkl or .json, YouTubeClips/<id>.avi",
        splits={
            "train": SplitFacts(clips=1200),
            "val": SplitFacts(clips=100),
            "test": SplitFacts(clips=670, captions=27_763),
            "test_one_caption": SplitFacts(clips=670, captions=670),
        },
    ),
    "hmdb51": CorpusLayout(
        folder="HMDB51",
        layout="testTrainMulti_7030_splits/<class>_test_split{1,2,3}.txt, videos/<class>/<name>",
        splits={f"test_{k}": SplitFacts(clips=1530, classes=51) for k in (1, 2, 3)},
        task="actions",
    ),
    "ucf101": CorpusLayout(
        folder="UCF101",
        layout="ucfTrainTestlist/{classInd,testlist0k}.txt, UCF-101/<class>/<name>",
        splits={
            "test_1": SplitFacts(clips=3783, classes=101),
            "test_2": SplitFacts(clips=3734, classes=101),
            "test_3": SplitFacts(clips=3696, classes=101),
        },
        task="actions",
    ),
    "msrvtt_unseen_style": CorpusLayout(
        folder="MSRVTT-unseen-style", layout=MSRVTT_LAYOUT, splits={"test_1ka": LISTED}
    ),
}
"""Every corpus, by the name that a config gives it."""


def find_split(corpus: str, split: str) -> SplitFacts:
    """What is published about a split; ConfigError, with the nearest name, for an unknown one."""
    if corpus not in CORPORA:
        raise unknown("corpus", corpus, CORPORA)
    if split not in CORPORA[corpus].splits:
        raise unknown(f"split of {corpus}", split, CORPORA[corpus].splits)
    return CORPORA[corpus].splits[split]


def training_split(name: str) -> tuple[str, str]:
    """Corpus and split of what a config trains on: `corpus`, or `corpus/split`."""
    corpus, _, split = name.partition("/")
    return corpus, split or "train"


def check_training_corpus(name: str) -> None:
    """ConfigError, with the nearest name, for what cannot be trained on."""
    corpus, split = training_split(name)
    trained = [known for known, about in CORPORA.items() if about.trains]
    if corpus not in trained:
        raise unknown("training corpus", corpus, trained)
    splits = [known for known in CORPORA[corpus].splits if known.startswith("train")]
    if split not in splits:
        raise unknown(f"training split of {corpus}", split, splits)


def check_test_set(name: str) -> None:
    """ConfigError, with the nearest name, for what is no `corpus/split`."""
    corpus, _, split = name.partition("/")
    if corpus not in CORPORA:
        raise unknown("corpus", corpus, CORPORA)
    if split not in CORPORA[corpus].splits:
        places = [f"{corpus}/{known}" for known in CORPORA[corpus].splits]
        raise unknown("test set", name, places)


def check_validation_set(name: str) -> None:
    """ConfigError for what is no `corpus/split` of captions, or is a test set."""
    check_test_set(name)
    corpus, _, split = name.partition("/")
    if CORPORA[corpus].task != "retrieval":
        raise ConfigError(f"{name} has no captions; choose weights on a corpus that has")
    if split.startswith("test"):
        raise ConfigError(f"{name} is a test set; choose weights on another split")
