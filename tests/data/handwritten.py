"""Corpora written by hand, a few rows in the form of the real files."""

import io
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np

from unify.data.corpora import Coverage, load_corpus, read_split
from unify.data.corpora.coverage import cover, expected
from unify.data.example import Example
from unify.data.miniature.media import encode_clip


def write(root: Path, files: Mapping[str, str | bytes]) -> Path:
    """Write files by relative path; texts as UTF-8, line ends as given."""
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    return root


def touch(root: Path, names: Iterable[str]) -> None:
    """Empty files, where a clip must be there and is not decoded."""
    write(root, dict.fromkeys(names, b""))


def fill(root: Path, names: Iterable[str]) -> None:
    """Files of one byte, where a clip must not look empty."""
    write(root, dict.fromkeys(names, b"x"))


def clip(rng: np.random.Generator, frames: int = 8, fps: int = 8) -> bytes:
    """A real mp4 whose frames differ."""
    noise = rng.integers(0, 30, (frames, 32, 32, 3))
    steps = np.linspace(0, 220, frames)[:, None, None, None]
    return encode_clip((steps + noise).astype(np.uint8), fps, 20)


def few(corpus: str, split: str, root: Path) -> list[Example]:
    """Clips of a split, though they are less than are published."""
    return load_corpus(corpus, split, root, incomplete=True)


def said(examples: Iterable[Example]) -> dict[str, tuple[str, ...]]:
    """Captions by key."""
    return {example.key: example.captions for example in examples}


def below(root: Path, examples: Iterable[Example]) -> list[str]:
    """Paths relative to a folder."""
    return [example.path.relative_to(root).as_posix() for example in examples]


def tar(files: Mapping[str, bytes]) -> bytes:
    """A tar file, in the given order."""
    import tarfile

    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


def coverage_of(corpus: str, split: str, root: Path) -> Coverage:
    """How much of a split is there."""
    return cover(read_split(corpus, split, root), expected(corpus, split, root))
