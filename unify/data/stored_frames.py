"""A clip as JPEG frames: a tar file of them, in order, by itself or within another tar file.

A training step reads a few frames of a clip, and of such a file only those are decoded. It lies in
the clip's place and is found there by its name, as any other transcoded clip.
"""

import io
import tarfile
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
from PIL import Image

SUFFIX = ".tar"
"""Of a clip's name where it is stored as frames."""


def pack_frames(jpegs: Iterable[bytes]) -> bytes:
    """The file that holds these JPEG images, in their order."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for number, content in enumerate(jpegs):
            info = tarfile.TarInfo(f"{number:06}.jpg")
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


def read_frames(source: Path | io.BytesIO, choose: Callable[[int], list[int]]) -> np.ndarray:
    """The chosen frames, uint8 (T, H, W, 3); `choose` is given how many are stored.

    Raises ValueError and what tarfile and Pillow raise for a file that is damaged or another.
    """
    place = {"name": source} if isinstance(source, Path) else {"fileobj": source}
    with tarfile.open(mode="r:", **place) as archive:
        members = archive.getmembers()
        _check_end(archive)
        if not members:
            raise ValueError("it has no frames")
        return np.stack([_frame(archive, members[k]) for k in choose(len(members))])


def _check_end(archive: tarfile.TarFile) -> None:
    """ValueError where no empty block follows the last member, as one does in a whole file."""
    archive.fileobj.seek(archive.offset)
    if archive.fileobj.read(tarfile.BLOCKSIZE) != bytes(tarfile.BLOCKSIZE):
        raise ValueError("the file is cut short or damaged")


def _frame(archive: tarfile.TarFile, member: tarfile.TarInfo) -> np.ndarray:
    with Image.open(archive.extractfile(member)) as image:
        return np.array(image.convert("RGB"))
