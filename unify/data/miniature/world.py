"""Make a miniature world, once; find it whole afterwards, or make it anew."""

import fcntl
import hashlib
import logging
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from unify import interruption
from unify.config.world import WorldConfig
from unify.data.miniature import manifest
from unify.files import naming, write_json

log = logging.getLogger(__name__)

MARKER = ".unify-world"
"""A file that says: this folder was made here and may be replaced."""
FOLDERS = (
    *("CC3M", "WebVid", "MSRVTT", "MSRVTT-unseen-style", "ImageNet21K", "Books"),
    *("DiDeMo", "LSMDC", "MSVD", "HMDB51", "UCF101"),
)
"""Top folders of a world."""

LOCK_SECONDS = 0.1
"""Between attempts to be the one that makes a world."""

Progress = Callable[[int, int], None]
"""Called with the number of files drawn and the number to draw."""


def ensure_world(
    config: WorldConfig,
    root: Path,
    *,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Path:
    """The world of `config` at `root`, made if it is absent, stale or damaged.

    Cheap where the world is there. A second process waits for the first. `workers` are the
    processes that draw (None: one per core); they do not change what is drawn.

    Raises:
        ValueError: `root` holds files that are not a world's.
    """
    root = Path(root)
    if manifest.looks_whole(root, config):
        return root
    with _lock(root):
        if not manifest.looks_whole(root, config):
            _make(config, root, workers, progress)
    return root


def make_world(
    config: WorldConfig,
    root: Path,
    *,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Path:
    """Make the world of `config` at `root` in place of any that is there.

    Raises:
        ValueError: `root` holds files that are not a world's.
    """
    with _lock(Path(root)):
        _make(config, Path(root), workers, progress)
    return Path(root)


def verify_world(root: Path) -> None:
    """Read every byte of a world. Raises ValueError that names what is missing or changed."""
    found = manifest.read_manifest(Path(root))
    if found is None:
        raise ValueError(f"{root}: no readable {manifest.NAME}; make the world with ensure_world")
    if problems := manifest.damage(Path(root), found):
        raise ValueError(f"{root}: {'; '.join(problems)}; delete the folder to have it made anew")


def _make(config: WorldConfig, root: Path, workers: int | None, progress: Progress | None) -> None:
    """Draw into a sibling folder and put that in place when it is whole."""
    _check_ours(root)
    making = root.with_name(f".{root.name}.making")
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir(parents=True)
    (making / MARKER).touch()
    _fill(config, making, workers, progress)
    _replace(making, root)
    log.info("made the miniature world at %s", root)


def _fill(config: WorldConfig, root: Path, workers: int | None, progress: Progress | None) -> None:
    # Late imports: a start that finds its world has no need of numpy, Pillow and PyAV.
    from unify.data.miniature.draw import draw_all
    from unify.data.miniature.layouts import LAYOUTS
    from unify.data.miniature.story import MOTIONS, cast

    actors = cast(config)
    layouts = [plan(config, actors) for plan in LAYOUTS.values()]
    texts = {path: text for layout in layouts for path, text in layout.files.items()}
    items = [item for layout in layouts for item in layout.items]
    _write(root, texts)
    entries = draw_all(items, config, root, workers, progress)
    content = {
        "motions": MOTIONS,
        "nouns": [noun.name for noun in actors.nouns],
        "held_out": sorted(actors.held_out),
        "metadata": {path: _entry(text) for path, text in texts.items()},
        "media": _summary(entries),
    }
    write_json(root / manifest.NAME, manifest.identity(config) | content)


def _write(root: Path, texts: dict[str, str]) -> None:
    for path, text in texts.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        with naming(root / path):
            (root / path).write_text(text, encoding="utf-8")


def _entry(text: str) -> dict:
    content = text.encode()
    return {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def _summary(entries: list[tuple[str, int, int]]) -> dict:
    return {
        "counts": manifest.media_counts(path for path, _, _ in entries),
        "bytes": sum(size for _, size, _ in entries),
        "sha256": manifest.checksum(entries),
    }


def _check_ours(root: Path) -> None:
    if not root.exists():
        return
    if not root.is_dir():
        raise ValueError(f"{root} is a file; name a new or empty folder for the miniature world")
    names = {path.name for path in root.iterdir()}
    if names and MARKER not in names:
        raise ValueError(
            f"{root} holds files that are no miniature world, such as {min(names)}; "
            "name a new or empty folder for it"
        )
    if strangers := names - {*FOLDERS, MARKER, manifest.NAME}:
        raise ValueError(
            f"{root}: the world there is stale or damaged, and {min(strangers)} is not part of "
            "it; move that away, or name another folder"
        )


def _replace(new: Path, root: Path) -> None:
    old = root.with_name(f".{root.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if root.exists():
        root.rename(old)
    new.rename(root)
    shutil.rmtree(old, ignore_errors=True)


@contextmanager
def _lock(root: Path) -> Iterator[None]:
    root.parent.mkdir(parents=True, exist_ok=True)
    with root.with_name(f".{root.name}.lock").open("w") as stream:
        while not _take(stream):
            interruption.check()
            time.sleep(LOCK_SECONDS)
        yield


def _take(stream: IO[str]) -> bool:
    try:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
