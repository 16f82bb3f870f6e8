"""The miniature world: how much of it is drawn, and how."""

from dataclasses import dataclass

from unify.config.knob import added


@dataclass(frozen=True, kw_only=True)
class WorldConfig:
    """Clips and images drawn on the fly, in the layouts of the real corpora.

    Every field changes what is drawn, so all of them belong to a run's identity. The defaults
    take under a minute on two CPU cores.
    """

    edition: int = 2
    """Raised by hand when the code draws other files from the same fields than before."""
    seed: int = 0
    """Seed of all that is drawn; the same seed gives the same files."""
    nouns: int = 240
    """Number of different things shown, out of the 331 in `unify/assets/nouns.txt`."""
    side: int = 64
    """Side of the square clips and images in pixels."""
    frames: int = 16
    """Frames per clip."""
    fps: int = 8
    """Frames per second of the clips."""
    cc3m_images: int = 3000
    """Training images of CC3M, one caption each."""
    cc3m_val_images: int = 100
    """Validation images of CC3M."""
    webvid_clips: int = 4000
    """Training clips of WebVid-2M, one caption each."""
    webvid_val_clips: int = 100
    """Validation clips of WebVid-2M."""
    msrvtt_train_clips: int = 400
    """Training clips of MSR-VTT."""
    msrvtt_val_clips: int = 100
    """Validation clips of MSR-VTT: like the training clips, but in no list of them."""
    msrvtt_test_clips: int = 500
    """Test clips of MSR-VTT, in twins that differ in one motion or the order of two alone; each
    holds a pair never trained on."""
    captions_per_clip: int = 20
    """Captions per clip of MSR-VTT, as in the real corpus; a test clip's first is its query."""
    unseen_style_clips: int = 100
    """First test clips drawn once more, by another hand, into a folder of their own."""
    labelled_images: int = 16000
    """Labelled images of two or three things, for warm starts: they stand in for ImageNet-21K."""
    wordings: int = 12000
    """Stories told twice, as text only, for warm starts: they stand in for BERT's books."""
    didemo_train_videos: int = added(300)
    """Training videos of DiDeMo: two or three moments of `frames` each, described one by one."""
    didemo_val_videos: int = added(60)
    """Validation videos of DiDeMo."""
    didemo_test_videos: int = added(200)
    """Test videos of DiDeMo; a moment of each holds a pair never trained on."""
    lsmdc_train_clips: int = added(300)
    """Training clips of LSMDC: one brief caption each (two on every tenth), in a cinema's look."""
    lsmdc_val_clips: int = added(60)
    """Validation clips of LSMDC."""
    lsmdc_test_clips: int = added(200)
    """Test clips of LSMDC, in twins as those of MSR-VTT."""
    msvd_train_clips: int = added(200)
    """Training clips of MSVD."""
    msvd_val_clips: int = added(40)
    """Validation clips of MSVD."""
    msvd_test_clips: int = added(100)
    """Test clips of MSVD, in twins as those of MSR-VTT."""
    msvd_captions: int = added(40)
    """Most captions of a clip of MSVD; each has its own number of them, from a quarter of it on."""
    hmdb51_clips_per_class: int = added(10)
    """Clips of each action of HMDB51, all told by their motion: 51 actions, or as many as there are
    `nouns`, and eight at least. Each of three splits tests three tenths of the clips."""
    ucf101_clips_per_class: int = added(10)
    """Clips of each action of UCF101, half of them told by the thing, half by thing and motion: 101
    actions, or as many as there are `nouns`. Splits as HMDB51's."""
    held_out_share: float = 0.1
    """Share of the (noun, motion) pairs that no training clip shows; at most one per noun."""
    two_motions_share: float = 0.2
    """Share of the clips that show one thing doing two motions, one after the other."""
    background_share: float = 0.3
    """Share of the captions that name the background's colour."""
    crf: int = 20
    """Constant rate factor of the H.264 encoder: lower is larger and cleaner."""
