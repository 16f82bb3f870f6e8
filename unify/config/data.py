"""What is read and how it becomes frames and tokens."""

from dataclasses import dataclass
from typing import Literal

from unify.config.knob import local


@dataclass(frozen=True, kw_only=True)
class DataConfig:
    """Corpora, frame sampling, augmentation and text length."""

    root: str = local("data/mini")
    """Folder that holds the corpora, each in its own published layout."""
    corpora: tuple[str, ...] = ("webvid2m", "cc3m")
    """Training corpora, `corpus` or `corpus/split`; step k reads from corpora[k % len]: image and
    video batches alternate (Frozen, MCQ; the paper's section 4.1 names the corpora only)."""
    num_frames: int = 4
    """T, frames per clip: one random frame per equal interval (section 4.1)."""
    image_size: int = 224
    """Side of the square input in pixels (section 4.1)."""
    crop_scale: tuple[float, float] = (0.5, 1.0)
    """Area range of the random crop in training, the same for all frames of a clip (Frozen)."""
    flip: bool = True
    """Mirror half of the training clips, as Frozen does; wrong where captions say left or right."""
    mean: tuple[float, float, float] = (0.485, 0.456, 0.406)
    """Channel means (ImageNet, as Frozen)."""
    std: tuple[float, float, float] = (0.229, 0.224, 0.225)
    """Channel standard deviations (ImageNet, as Frozen)."""
    max_tokens: int = 32
    """Word pieces per caption, specials included; not in the paper (Singularity: 32)."""
    max_unreadable_share: float = 0.0
    """Share of clips that may be replaced because they cannot be decoded; 0 stops at the first."""
    decoder: Literal["decord", "torchcodec", "av"] = local("decord")
    """Reads video files: decord and torchcodec seek where that is exact, PyAV decodes from the
    start. They give the same frames; on clips of two seconds PyAV is the fastest (ours in
    `mini`). torchcodec is an extra: `pip install .[torchcodec]`, and FFmpeg's libraries."""
    workers: int = local(0)
    """Loader processes per training process; 0 decodes in the training process."""
