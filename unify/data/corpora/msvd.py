"""MSVD: lists of the splits, captions in one file for all, clips at `YouTubeClips/<id>.avi`.

Two protocols are in use for the same 670 test clips, and results under them do not compare: `test`
asks with every caption (Frozen in Time, CLIP4Clip), `test_one_caption` with each clip's first alone
(Region_Learner; likely MILES and BridgeFormer).
"""

from pathlib import Path
from typing import Any

from unify.data.corpora.files import MissingFile, missing, read_lines, read_list
from unify.data.corpora.pickles import read_plain
from unify.data.corpora.split import Split, find_examples
from unify.data.example import Example

CAPTIONS = "raw-captions.pkl"
"""Lists of tokens by clip (collaborative-experts); a `.json` of the same comes first."""
DESCRIPTIONS = "AllVideoDescriptions.txt"
"""The corpus's own file: comments, then `<id> <sentence>` a line."""
ONE_CAPTION = "_one_caption"
TOKENS = (list, tuple, set, frozenset)
"""What holds the tokens of a caption, where it is no text."""


def read(split: str, kit: Path) -> Split[Example]:
    """A split below the corpus's folder; raises ValueError where the files do not fit."""
    captions, source = _captions(kit)
    table = kit / f"{split.removesuffix(ONE_CAPTION)}_list.txt"
    names = read_list(table)
    if lost := [name for name in names if not captions.get(name)]:
        raise ValueError(f"{source} has no caption for {lost[0]}, which {table.name} lists")
    wanted = 1 if split.endswith(ONE_CAPTION) else None
    return find_examples(kit, {name: captions[name][:wanted] for name in names}, source, _places)


def _places(clip: str) -> list[str]:
    return [f"YouTubeClips/{clip}.avi", f"videos/{clip}.avi"]


def _captions(kit: Path) -> tuple[dict[str, tuple[str, ...]], Path]:
    """Captions by clip, and the file that they come from."""
    try:
        return _joined(read_plain(kit / CAPTIONS), kit / CAPTIONS), kit / CAPTIONS
    except MissingFile:
        described = kit / DESCRIPTIONS
        if described.is_file():
            return _described(described), described
        raise missing(kit / CAPTIONS) from None


def _joined(value: Any, path: Path) -> dict[str, tuple[str, ...]]:
    """Each caption is a text, or a list of tokens that one space joins."""
    try:
        return {
            clip: tuple(" ".join(text) if isinstance(text, TOKENS) else text for text in texts)
            for clip, texts in value.items()
        }
    except (TypeError, AttributeError) as error:
        raise ValueError(f"{path} is no mapping of clips to lists of tokens ({error})") from error


def _described(path: Path) -> dict[str, tuple[str, ...]]:
    captions: dict[str, tuple[str, ...]] = {}
    for line in read_lines(path):
        clip, _, sentence = line.strip().partition(" ")
        if clip and not clip.startswith("#"):
            captions[clip] = (*captions.get(clip, ()), sentence)
    return captions
