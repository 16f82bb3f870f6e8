"""Is everything that the original has in the copy?"""

from collections.abc import Iterable, Mapping
from pathlib import Path

from unify.data.corpora import Split, read_split
from unify.data.example import ActionExample, Clip
from unify.data.prepare.plan import Job
from unify.data.prepare.work import Lost


def find_lost(
    corpus: str, splits: Mapping[str, Split], jobs: Iterable[Job], root: Path
) -> list[Lost]:
    """Clips of the original's splits that the readers do not find below `root` as they were.

    Raises ValueError where they do not find a split at all.
    """
    targets = {job.source: job.target for job in jobs}
    lost: dict[Path, Lost] = {}
    for split, read in splits.items():
        found = {_identity(clip, clip.path) for clip in read_split(corpus, split, root).examples}
        for clip in read.examples:
            if _identity(clip, targets[clip.path]) not in found:
                lost[clip.place] = Lost(clip.place, f"{split} lacks it in {root}")
    return list(lost.values())


def _identity(clip: Clip, path: Path) -> tuple:
    about = clip.label if isinstance(clip, ActionExample) else clip.captions
    return clip.key, path, about
