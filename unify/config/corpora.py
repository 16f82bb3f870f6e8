"""Which corpora there are: names, splits and layouts (readers: `unify/data/corpora/`)."""

from dataclasses import dataclass

from unify.config.errors import unknown

MSRVTT_LAYOUT = (
    "MSRVTT_data.json, MSRVTT_train.9k.csv, MSRVTT_JSFUSION_test.csv, videos/all/<video_id>.mp4"
)


@dataclass(frozen=True)
class CorpusLayout:
    """A corpus below the data root."""

    folder: str
    """Name of its folder in `data.root`."""
    layout: str
    """Files in that folder."""
    splits: tuple[str, ...]
    """Splits that can be evaluated on."""

    @property
    def trains(self) -> bool:
        """Whether it has a training split."""
        return "train" in self.splits


CORPORA: dict[str, CorpusLayout] = {
    "cc3m": CorpusLayout(
        "CC3M", "Train_GCC-training.tsv, training/<row>_<crc32(url)>", ("train", "val")
    ),
    "webvid2m": CorpusLayout(
        "WebVid",
        "metadata/results_2M_train.csv, videos/<page_dir>/<videoid>.mp4",
        ("train", "val"),
    ),
    "msrvtt": CorpusLayout("MSRVTT", MSRVTT_LAYOUT, ("train", "train_9k", "val", "test_1ka")),
    "msrvtt_unseen_style": CorpusLayout("MSRVTT-unseen-style", MSRVTT_LAYOUT, ("test_1ka",)),
}
"""Every corpus, by the name that a config gives it."""


def check_training_corpus(name: str) -> None:
    """ConfigError, with the nearest name, for a corpus that cannot be trained on."""
    trained = [corpus for corpus, about in CORPORA.items() if about.trains]
    if name not in trained:
        raise unknown("training corpus", name, trained)


def check_test_set(name: str) -> None:
    """ConfigError, with the nearest name, for what is no `corpus/split`."""
    corpus, _, split = name.partition("/")
    if corpus not in CORPORA:
        raise unknown("corpus", corpus, CORPORA)
    if split not in CORPORA[corpus].splits:
        places = [f"{corpus}/{known}" for known in CORPORA[corpus].splits]
        raise unknown("test set", name, places)
