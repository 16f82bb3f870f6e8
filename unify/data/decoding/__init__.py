"""Frames from files."""

from unify.data.decoding.clips import (
    Decoder,
    check_decoder,
    read_example,
    read_image,
    read_video,
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
]
