"""Clips that are set apart from those that cannot be decoded."""

import logging
from collections.abc import Sequence

from unify.data.corpora.split import ClipKind
from unify.data.decoding import why_unreadable

log = logging.getLogger(__name__)


def readable(clips: Sequence[ClipKind], what: str) -> tuple[list[ClipKind], list[ClipKind]]:
    """Those that can be decoded and those that cannot, which are logged.

    Raises ValueError where none can.
    """
    why = {clip: why_unreadable(clip) for clip in clips}
    damaged = [clip for clip in clips if why[clip]]
    for clip in damaged:
        log.warning("%s: left out %s: %s", what, clip.place, why[clip])
    if len(damaged) == len(clips):
        raise ValueError(
            f"{what}: none of its clips can be decoded, {damaged[0].place} for one: "
            f"{why[damaged[0]]}; download them again"
        )
    return [clip for clip in clips if not why[clip]], damaged
