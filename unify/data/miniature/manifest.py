"""A world's `world.json`: what it was made from and what it holds; written last."""

import hashlib
import json
import os
import zlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

from unify.config.world import WorldConfig

SCHEMA = 1
"""Raised when this file's own form changes; `WorldConfig.edition` is for what is drawn."""
NAME = "world.json"


def identity(config: WorldConfig) -> dict:
    """What decides a world's content: the schema and the config, as JSON reads them back."""
    return {"schema": SCHEMA, "config": json.loads(json.dumps(asdict(config)))}


def checksum(entries: Iterable[tuple[str, int, int]]) -> str:
    """SHA-256 over the sorted (path, bytes, CRC-32) of files."""
    lines = [f"{path} {size} {crc:08x}\n" for path, size, crc in sorted(entries)]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def media_counts(paths: Iterable[str]) -> dict[str, int]:
    """Number of clips and images by top folder."""
    return dict(sorted(Counter(path.split("/", 1)[0] for path in paths).items()))


def read_manifest(root: Path) -> dict | None:
    """The manifest of a world, or None where there is none or it cannot be read."""
    try:
        found = json.loads((root / NAME).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def looks_whole(root: Path, config: WorldConfig) -> bool:
    """A cheap check: same config, metadata of the right size, media complete to the byte."""
    manifest = read_manifest(root)
    if manifest is None or {key: manifest.get(key) for key in ("schema", "config")} != identity(
        config
    ):
        return False
    sizes = {path: entry["bytes"] for path, entry in manifest["metadata"].items()}
    if any(_size(root / path) != size for path, size in sizes.items()):
        return False
    media = _media(root, sizes)
    if media_counts(media) != manifest["media"]["counts"]:
        return False
    return sum(os.stat(f"{root}/{path}").st_size for path in media) == manifest["media"]["bytes"]


def damage(root: Path, manifest: dict) -> list[str]:
    """What differs from the manifest, every byte read; empty where the world is sound."""
    found = [
        f"{path}: missing or changed"
        for path, entry in manifest["metadata"].items()
        if _sha256(root / path) != entry["sha256"]
    ]
    media = [_entry(root, path) for path in _media(root, manifest["metadata"])]
    if checksum(media) != manifest["media"]["sha256"]:
        found.append(f"{len(media)} media files: not those of the manifest")
    return found


def _media(root: Path, metadata: Iterable[str]) -> list[str]:
    """Relative paths of all files but the metadata and the manifest."""
    known = {*metadata, NAME}
    found = []
    for folder, _, names in os.walk(root):
        prefix = os.path.relpath(folder, root).replace(os.sep, "/")
        found += [name if prefix == "." else f"{prefix}/{name}" for name in names]
    return [path for path in found if path not in known and not path.startswith(".")]


def _entry(root: Path, path: str) -> tuple[str, int, int]:
    content = (root / path).read_bytes()
    return path, len(content), zlib.crc32(content)


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else -1


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
