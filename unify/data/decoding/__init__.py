"""Frames from files. Importing it imports no torch."""

from unify.data.decoding.clips import (
    Decoder,
    check_decoder,
    read_example,
    read_image,
    read_video,
    why_unreadable,
)
from unify.data.decoding.errors import UnreadableClip
from unify.data.decoding.sources import Choose

__all__ = [
    "Choose",
    "Decoder",
    "UnreadableClip",
    "check_decoder",
    "read_example",
    "read_image",
    "read_video",
    "why_unreadable",
]
