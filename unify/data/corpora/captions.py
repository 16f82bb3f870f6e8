"""Which captions can be used: texts in which the tokenizer finds something."""

import unicodedata
from collections.abc import Mapping, Sequence
from pathlib import Path

DROPPED = {"Cc", "Cf", "Co", "Mn"}
"""Kinds of characters that BERT's tokenizer passes over, as it does white space."""
REPLACEMENT = "\ufffd"
"""What stands for a character that was lost; the tokenizer passes over it too."""


def has_words(text: str) -> bool:
    """Whether there is anything but white space, control characters such as NUL, and accents."""
    return any(
        not (c.isspace() or c == REPLACEMENT or unicodedata.category(c) in DROPPED) for c in text
    )


def whole(text: str) -> str:
    """The text with halves of characters replaced, which JSON and pickles may hold."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def usable(
    captions: Mapping[str, Sequence[str]], source: Path
) -> tuple[dict[str, tuple[str, ...]], tuple[str, ...]]:
    """Captions with words, by the clips that have any; and a line for each caption without.

    Raises ValueError for a caption that is no text.
    """
    kept, wordless = {}, []
    for key, texts in captions.items():
        if isinstance(texts, str) or not isinstance(texts, Sequence):
            raise ValueError(f"{source}: {key} has no list of captions; take another copy")
        found = []
        for number, text in enumerate(texts, start=1):
            if not isinstance(text, str):
                raise ValueError(
                    f"{source}: caption {number} of {key} is no text but {text!r:.40}; write one "
                    "there, or take another copy"
                )
            if has_words(whole(text)):
                found.append(whole(text))
            else:
                wordless.append(f"{source}: caption {number} of {key} has no words ({text!r:.40})")
        if found:
            kept[key] = tuple(found)
    return kept, tuple(wordless)
