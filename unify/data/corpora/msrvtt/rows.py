"""One row per caption: JSON lines of ClipBERT and ALPRO, JSON of Singularity.

ClipBERT and ALPRO train on 7k videos; their validation file is of no published split.
"""

import json
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Any

from unify.data.corpora.files import read_json, read_lines
from unify.data.corpora.msrvtt.layout import Captions, Layout


def _lines(file: str, kit: Path) -> Captions:
    """Rows of `clip_name` and `caption`."""
    path = kit / file
    return _grouped(_parsed(path), "clip_name", path)


def _list(file: str, kit: Path) -> Captions:
    """Rows of `image`, a file's name, and `caption`, a text or several."""
    path = kit / file
    captions = _grouped(read_json(path), "image", path)
    return {name.rpartition("/")[2].partition(".")[0]: texts for name, texts in captions.items()}


def _entry(file: str, read: Any) -> tuple[tuple[str, ...], partial[Captions]]:
    return (file,), partial(read, file)


ALPRO: Layout = {
    "train_7k": _entry("msrvtt_ret/txt/train.jsonl", _lines),
    "test_1ka": _entry("msrvtt_ret/txt/test.jsonl", _lines),
}
SINGULARITY: Layout = {
    "train_9k": _entry("msrvtt_ret_train9k.json", _list),
    "train_7k": _entry("msrvtt_ret_train7k.json", _list),
    "test_1ka": _entry("msrvtt_ret_test1k.json", _list),
}


def _parsed(path: Path) -> Iterable[Any]:
    for number, line in enumerate(read_lines(path), start=1):
        try:
            if line.strip():
                yield json.loads(line)
        except json.JSONDecodeError as error:
            raise ValueError(
                f"{path}: line {number} is not JSON ({error}); download it again"
            ) from error


def _grouped(rows: Iterable[Any], key: str, path: Path) -> Captions:
    grouped: dict[str, list[str]] = {}
    try:
        for row in rows:
            grouped.setdefault(row[key], []).extend(_texts(row[key], row["caption"]))
    except (KeyError, TypeError) as error:
        raise ValueError(
            f"{path}: a row lacks {error}; each needs {key} and caption, so take another copy"
        ) from error
    except ValueError as error:
        raise ValueError(f"{path}: {error}; take another copy") from error
    return {name: tuple(texts) for name, texts in grouped.items()}


def _texts(name: Any, caption: Any) -> list[str]:
    """The captions of a row. Raises ValueError where its name or one of them is no text."""
    texts = [caption] if isinstance(caption, str) else caption
    if not isinstance(name, str):
        raise ValueError(f"{name!r} is no clip's name")
    if not (isinstance(texts, list) and texts and all(isinstance(text, str) for text in texts)):
        raise ValueError(f"{name} has no caption, or one that is no text: {caption!r}")
    return texts
